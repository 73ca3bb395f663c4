/** A service by mocks, with its surroundings. */
import { Cluster } from "../../../components/cluster/cluster.ts";
import { EcsService } from "../../../components/ecs/ecs-service.ts";
import type { ServicePast } from "../../../components/ecs/previous.ts";
import { Environment } from "../../../components/environment.ts";
import { Network } from "../../../components/network/network.ts";
import type { HeldReferences } from "../../../model/images/held-references.ts";
import { type Desired, planTraffic } from "../../../model/traffic.ts";
import { configOf, type Declarations, declare } from "../harness.ts";

export const digest = `sha256:${"a".repeat(64)}`;
const account = "123456789012";

export const firstTime: ServicePast = {
  colours: { blue: undefined, green: undefined },
  stateWeights: undefined,
  liveWeights: undefined,
  activeTag: undefined,
  former: undefined,
  desiredCounts: { blue: 0, green: 0 },
};

export const firstRelease: Desired = { kind: "release", release: { id: "id-v1", tag: "v1", digest } };

const repositoryOf = (name: string) => ({
  name,
  url: `${account}.dkr.ecr.eu-west-1.amazonaws.com/${name}`,
  arn: `arn:aws:ecr:eu-west-1:${account}:repository/${name}`,
  registryId: account,
});

/** What a service with these settings declares, for its first release where nothing else is said. */
export function declareService(
  settings: Record<string, unknown>,
  more: {
    name?: string;
    stack?: string;
    kept?: HeldReferences;
    cluster?: object;
    past?: ServicePast;
    desired?: Desired;
  } = {},
): Promise<Declarations> {
  const { name = "api", stack = "test", kept, cluster: clusterSettings = {} } = more;
  const { past = firstTime, desired = firstRelease } = more;
  const config = configOf({ network: {}, cluster: clusterSettings, services: { [name]: settings } });
  const environment = new Environment({ project: "sluice", stack, name: stack, region: "eu-west-1" });
  const service = config.services[name] as NonNullable<(typeof config.services)[string]>;
  const repositories = Object.values(service.sidecars).map(({ image }) => image.split("@")[0] ?? "");
  return declare(() => {
    const network = new Network("network", { environment, ...(config.network as NonNullable<typeof config.network>) });
    const cluster = new Cluster("cluster", {
      environment,
      network,
      ...(config.cluster as NonNullable<typeof config.cluster>),
    });
    new EcsService(name, {
      environment,
      cluster,
      service: name,
      config: service,
      repository: repositoryOf(name),
      sidecarRepositories: Object.fromEntries(repositories.map((one) => [one, repositoryOf(one)])),
      ...(kept === undefined ? {} : { kept }),
      past,
      plan: planTraffic(past, desired),
      priorities: new Map([
        [`${name}-blue-test`, 1],
        [`${name}-green-test`, 2],
        [`${name}-traffic`, 49_000],
      ]),
    });
  });
}

/** The statements of a policy of one of the service's roles. */
export function statementsOf(resources: Declarations, name: string): object[] {
  return JSON.parse(resources.one("iam/rolePolicy", name).policy as string).Statement;
}
