/** What calls on AWS are put together from, as IAM sees them. */
import type { Request } from "./iam-evaluation.ts";
import type { Standing } from "./roles-stack.ts";

type Tags = Readonly<Record<string, string>>;

/** What the calls of one resource are made from. */
export interface Place {
  self: Standing;
  /** Another resource of the stack, by its id or ARN. */
  find(reference: unknown): Standing;
  /** The scalable target that a scaling policy is for. */
  all: readonly Standing[];
}

export const tagsOf = ({ inputs }: Standing) => (inputs.tags ?? {}) as Tags;
export const keyed = (source: "ResourceTag" | "RequestTag", tags: Tags) =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${source}/${key}`, value]));

/** On what stands: IAM knows the tags it has. */
export const on = (one: Standing, ...actions: string[]): Request[] =>
  actions.map((action) => ({ action, resource: one.arn, context: keyed("ResourceTag", tagsOf(one)) }));
/** On what is being made: it has no tags yet, the request brings them. */
export const making = (one: Standing, action: string, context: Request["context"] = {}): Request => ({
  action,
  resource: one.arn,
  context: { ...keyed("RequestTag", tagsOf(one)), "aws:TagKeys": Object.keys(tagsOf(one)), ...context },
});
/** On what something is made in, where the request's tags are known as well. */
export const within = (parent: Standing, child: Standing, action: string): Request => ({
  action,
  resource: parent.arn,
  context: { ...keyed("ResourceTag", tagsOf(parent)), ...keyed("RequestTag", tagsOf(child)) },
});
/** Where AWS knows no resource. */
export const anywhere = (...actions: string[]): Request[] => actions.map((action) => ({ action, resource: "*" }));
/** EC2: making, and tagging what is made. */
export const made = (one: Standing, action: string): Request[] => [
  making(one, `ec2:${action}`),
  making(one, "ec2:CreateTags", { "ec2:CreateAction": action }),
];
/** New tags on what stands. */
export const retagged = (one: Standing, tag: string, untag: string): Request[] => [
  {
    ...(on(one, tag)[0] as Request),
    context: { ...keyed("ResourceTag", tagsOf(one)), ...keyed("RequestTag", { team: "x" }) },
  },
  ...on(one, untag),
];

export const passing = (role: Standing, to: string): Request => ({
  action: "iam:PassRole",
  resource: role.arn,
  context: { "iam:PassedToService": to },
});
