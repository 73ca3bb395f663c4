import type { Service } from "@aws-sdk/client-ecs";
import { pushImage, serverImage } from "./image.ts";
import { eventually, type TestWorld } from "./world.ts";

/** One load balancer with two target groups behind one weighted rule, and a cluster. */
export interface Stack {
  world: TestWorld;
  url: string;
  loadBalancer: string;
  listener: string;
  rule: string;
  groups: { blue: string; green: string };
  /** Pushes an image and registers a task definition of it; returns its ARN. */
  release(version: string, environment?: Record<string, string>): Promise<string>;
  createService(name: string, colour: "blue" | "green", definition: string, options?: object): Promise<void>;
  weights(blue: number, green: number): Promise<void>;
  service(name: string): Promise<Service>;
  steady(name: string, definition?: string): Promise<Service>;
}

const NETWORK = { awsvpcConfiguration: { subnets: ["subnet-a"], securityGroups: ["sg-a"] } };

export async function createStack(world: TestWorld, port = 8080): Promise<Stack> {
  const { elb, ecs, ecr } = world.cloud;
  await ecr.createRepository({ repositoryName: "api" });
  await ecs.createCluster({ clusterName: "main" });
  const balancer = await elb.createLoadBalancer({ Name: "web", Subnets: ["subnet-a", "subnet-b"] });
  const loadBalancer = balancer.LoadBalancers?.[0]?.LoadBalancerArn ?? "";
  const address = balancer.LoadBalancers?.[0]?.DNSName ?? "";
  const listeners = await elb.createListener({
    LoadBalancerArn: loadBalancer,
    Port: port,
    Protocol: "HTTP",
    DefaultActions: [
      { Type: "fixed-response", FixedResponseConfig: { StatusCode: "404", MessageBody: "nothing here" } },
    ],
  });
  const listener = listeners.Listeners?.[0]?.ListenerArn ?? "";
  const group = async (Name: string) => {
    const made = await elb.createTargetGroup({
      Name,
      Protocol: "HTTP",
      Port: 8080,
      VpcId: "vpc-a",
      TargetType: "ip",
      HealthCheckPath: "/health",
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    });
    return made.TargetGroups?.[0]?.TargetGroupArn ?? "";
  };
  const groups = { blue: await group("api-blue"), green: await group("api-green") };
  const forward = (blue: number, green: number) => [
    {
      Type: "forward" as const,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: groups.blue, Weight: blue },
          { TargetGroupArn: groups.green, Weight: green },
        ],
      },
    },
  ];
  const rules = await elb.createRule({
    ListenerArn: listener,
    Priority: 40_000,
    Conditions: [{ Field: "path-pattern", Values: ["/*"] }],
    Actions: forward(100, 0),
  });
  const rule = rules.Rules?.[0]?.RuleArn ?? "";

  const service = async (name: string) => {
    const { services = [] } = await world.cloud.ecs.describeServices({ cluster: "main", services: [name] });
    if (services[0] === undefined) throw new Error(`no service ${name}`);
    return services[0];
  };
  return {
    world,
    url: `http://${address}:${port}`,
    loadBalancer,
    listener,
    rule,
    groups,
    service,
    async release(version, environment = {}) {
      const image = await serverImage(version);
      const answer = await pushImage(world.registry, "api", version, image);
      if (answer.status !== 201) throw new Error(`push refused: ${await answer.text()}`);
      const made = await world.cloud.ecs.registerTaskDefinition({
        family: "api",
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        cpu: "256",
        memory: "512",
        containerDefinitions: [
          {
            name: "api",
            image: `${world.registry}/api@${image.digest}`,
            portMappings: [{ containerPort: 8080 }],
            environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
          },
        ],
      });
      return made.taskDefinition?.taskDefinitionArn ?? "";
    },
    async createService(name, colour, definition, options = {}) {
      await world.cloud.ecs.createService({
        cluster: "main",
        serviceName: name,
        taskDefinition: definition,
        desiredCount: 1,
        networkConfiguration: NETWORK,
        loadBalancers: [{ targetGroupArn: groups[colour], containerName: "api", containerPort: 8080 }],
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        ...options,
      });
    },
    async weights(blue, green) {
      await world.cloud.elb.modifyRule({ RuleArn: rule, Actions: forward(blue, green) });
    },
    steady: (name, definition) =>
      eventually(`${name} is steady`, async () => {
        const found = await service(name);
        const [primary, ...others] = found.deployments ?? [];
        const done =
          others.length === 0 && primary?.rolloutState === "COMPLETED" && found.runningCount === found.desiredCount;
        return done && (definition === undefined || primary.taskDefinition === definition) && found;
      }),
  };
}
