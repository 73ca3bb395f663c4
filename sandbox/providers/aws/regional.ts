import type { ResourceType } from "../resource-type.ts";

/** Adds what every regional type of the AWS provider has since version 7: `region`, which overrides the provider's. */
export function regional(type: ResourceType): ResourceType {
  return {
    ...type,
    inputs: { ...type.inputs, region: { type: "string", computed: true, replace: true } },
    outputs: [...type.outputs, "region"],
    create: async (inputs, ctx) => {
      const { id, state } = await type.create(inputs, ctx);
      return { id, state: { ...state, region: ctx.region } };
    },
    read: async (id, old, ctx) => {
      const state = await type.read(id, old, ctx);
      return state && { ...state, region: ctx.region };
    },
  };
}
