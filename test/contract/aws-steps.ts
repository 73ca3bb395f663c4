/** One call that the automation or the program's providers make, as both clouds are asked. */
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { STSClient } from "@aws-sdk/client-sts";

/** A cloud under test, behind clients that do not know which one it is. */
export interface Backend {
  readonly ecr: ECRClient;
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly cloudwatch: CloudWatchClient;
  readonly sts: STSClient;
  /** What a load balancer needs to stand in. */
  readonly network: { readonly vpc: string; readonly subnets: readonly string[]; readonly securityGroup: string };
}

/** A step of the scenario. Steps run in order; each may keep values, such as ARNs, for later ones. */
export interface Step {
  readonly name: string;
  readonly run: (backend: Backend, kept: Kept) => Promise<unknown>;
}

/** Values that a step keeps for later ones. */
export class Kept {
  readonly #values = new Map<string, string>();

  set(name: string, value: string | undefined): void {
    if (value === undefined) throw new Error(`the answer has no ${name}`);
    this.#values.set(name, value);
  }

  get(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`no earlier step kept ${name}`);
    return value;
  }
}
