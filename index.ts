/**
 * The program: configuration to components to outputs. A section in a stack's configuration declares one component; no
 * section, no component.
 */
import * as pulumi from "@pulumi/pulumi";
import { readAccount } from "./components/account.ts";
import { Alarms } from "./components/alarms/alarms.ts";
import { Cluster } from "./components/cluster/cluster.ts";
import { refuseUnannouncedRemovals } from "./components/ecs/retirement.ts";
import { declareServices, planServices } from "./components/ecs/services.ts";
import { StackState } from "./components/ecs/stack-state.ts";
import { Environment } from "./components/environment.ts";
import { readFoundation } from "./components/foundation.ts";
import { Environments } from "./components/github/environments.ts";
import { GithubOidc } from "./components/github/github-oidc.ts";
import { Rulesets } from "./components/github/rulesets.ts";
import { declareKubernetes } from "./components/kubernetes/kubernetes.ts";
import { checkExistingVpc } from "./components/network/adoption.ts";
import { Network } from "./components/network/network.ts";
import { Registry } from "./components/registry.ts";
import { Release } from "./components/release.ts";
import { readConfig } from "./components/stack-config.ts";

export default async function program(): Promise<Record<string, unknown>> {
  const { config, region } = readConfig();
  // Before anything is registered: with each registration the engine writes the state, and this must not read it then.
  const state = await StackState.read();
  refuseUnannouncedRemovals(state, config);
  const foundation = readFoundation(config.foundation);
  const makesRoles = config.network !== undefined || Object.keys(config.services).length > 0;
  const [planned, permissionsBoundary] = await Promise.all([
    planServices(config, state, foundation),
    makesRoles ? foundation.boundary(pulumi.getStack()) : undefined,
    checkExistingVpc(config.network?.vpc),
  ]);
  const environment = new Environment({
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    name: config.environment ?? pulumi.getStack(),
    region,
    permissionsBoundary,
  });
  // The policy pack judges it before anything else is registered.
  if (planned !== undefined) {
    const { images } = planned;
    await new Release("release", { environment: environment.name, images, gates: config.gates }).registered();
  }

  const registry = config.registry && new Registry("registry", { environment, ...config.registry });
  const oidc =
    config.github && new GithubOidc("github", { environment, github: config.github, account: await readAccount() });
  if (config.github !== undefined) {
    const { repository } = config.github;
    new Rulesets("rulesets", { repository, rulesets: config.rulesets });
    new Environments("environments", { repository, environments: config.environments });
  }

  const network = config.network && new Network("network", { environment, ...config.network });
  const cluster = config.cluster && network && new Cluster("cluster", { environment, network, ...config.cluster });
  const kubernetes = config.kubernetes && (await declareKubernetes({ environment, ...config.kubernetes }));
  const services = cluster && planned && declareServices(planned, { environment, cluster, state });
  const alarms =
    config.alarms &&
    cluster &&
    new Alarms("alarms", {
      environment,
      config: config.alarms,
      balancerArns: cluster.balancerArns,
      services: services?.monitored ?? [],
    });

  return {
    environment: environment.name,
    ...(registry && { registry: registry.repositories }),
    ...(oidc && { oidcProvider: oidc.providerArn, roles: oidc.roles, boundaries: oidc.boundaries }),
    ...(cluster && { balancer: cluster.balancer, balancers: cluster.balancers }),
    ...(kubernetes && { kubernetes: { namespace: kubernetes.namespace } }),
    ...(services && { services: services.outputs }),
    ...(alarms && { topics: alarms.topics }),
  };
}
