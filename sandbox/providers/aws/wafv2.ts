import { unlessGone } from "../gone.ts";
import type { ResourceType } from "../resource-type.ts";

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html; its id is `acl,resource`. */
export const webAclAssociation: ResourceType = {
  inputs: {
    resourceArn: { type: "string", required: true, replace: true },
    webAclArn: { type: "string", required: true, replace: true },
  },
  outputs: [],
  async create(inputs, ctx) {
    const { webAclArn, resourceArn } = inputs as { webAclArn: string; resourceArn: string };
    await ctx.cloud.wafv2.associateWebACL({ WebACLArn: webAclArn, ResourceArn: resourceArn });
    return { id: `${webAclArn},${resourceArn}`, state: {} };
  },
  async read(id, _old, ctx) {
    const [webAclArn, resourceArn] = id.split(",") as [string, string];
    const { WebACL } = await ctx.cloud.wafv2.getWebACLForResource({ ResourceArn: resourceArn });
    return WebACL?.ARN === webAclArn ? { webAclArn, resourceArn } : undefined;
  },
  async delete(id, _state, ctx) {
    const [, ResourceArn] = id.split(",") as [string, string];
    await unlessGone(ctx.cloud.wafv2.disassociateWebACL({ ResourceArn }), "WAFNonexistentItemException");
  },
};
