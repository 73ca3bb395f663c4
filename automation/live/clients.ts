import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";

/** The AWS clients that read-backs use. They see the cloud only, never what a provider or a state file remembers. */
export interface LiveClients extends Disposable {
  readonly ecs: Pick<ECSClient, "send">;
  readonly elb: Pick<ElasticLoadBalancingV2Client, "send">;
}

/**
 * Requests are tried five times with the SDK's backoff (seconds in all, enough for a burst of throttling), and each is given up
 * after 15 s, so that a read-back ends within about a minute whatever happens.
 */
const settings = {
  maxAttempts: 5,
  retryMode: "standard",
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
};

/**
 * Clients for a region, each made when it is first used. Endpoint and credentials come from the environment, as with any AWS
 * tool, so that the sandbox differs by AWS_ENDPOINT_URL only.
 *
 * @example using clients = createLiveClients("eu-west-1");
 */
export function createLiveClients(region: string): LiveClients {
  let ecs: ECSClient | undefined;
  let elb: ElasticLoadBalancingV2Client | undefined;
  return {
    get ecs() {
      ecs ??= new ECSClient({ region, ...settings });
      return ecs;
    },
    get elb() {
      elb ??= new ElasticLoadBalancingV2Client({ region, ...settings });
      return elb;
    },
    [Symbol.dispose]() {
      ecs?.destroy();
      elb?.destroy();
    },
  };
}
