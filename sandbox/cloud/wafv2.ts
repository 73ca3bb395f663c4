import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

const KIND = "waf-association";

/** Which web ACL guards which balancer. ACLs are somebody else's; no request is looked at. */
export class Wafv2 {
  readonly #cloud: Inner;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  associateWebACL(input: { WebACLArn?: string; ResourceArn?: string }) {
    const { WebACLArn = "", ResourceArn = "" } = input;
    const region = WebACLArn.split(":")[3];
    if (!/^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[^/]+\/[^/]+$/.test(WebACLArn)) {
      throw invalid(`The ARN isn't valid, field: RESOURCE_ARN, parameter: ${WebACLArn}`);
    }
    if (region !== this.#cloud.region) throw invalid("The web ACL must be in the Region of the resource");
    if (!this.#cloud.elb.loadBalancers().some(({ shape }) => shape.LoadBalancerArn === ResourceArn)) {
      throw new CloudError("WAFNonexistentItemException", "AWS WAF couldn't perform the operation: no such resource.");
    }
    this.#cloud.store.put(KIND, ResourceArn, { WebACLArn, ResourceArn });
    return {};
  }

  getWebACLForResource(input: { ResourceArn?: string }) {
    const found = this.#cloud.store.get<{ WebACLArn: string }>(KIND, input.ResourceArn ?? "");
    return found === undefined ? {} : { WebACL: { ARN: found.WebACLArn } };
  }

  disassociateWebACL(input: { ResourceArn?: string }) {
    this.#cloud.store.delete(KIND, input.ResourceArn ?? "");
    return {};
  }
}

function invalid(message: string): CloudError {
  return new CloudError("WAFInvalidParameterException", `Error reason: ${message}`);
}
