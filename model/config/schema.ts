import { z } from "zod";
import { configSchema } from "./config.ts";

/**
 * A JSON schema of `Pulumi.<stack>.yaml` for editors, made from the one that checks the configuration.
 *
 * @example
 * JSON.stringify(stackFileSchema(), null, 2)
 */
export function stackFileSchema(): object {
  const { properties = {}, $defs } = z.toJSONSchema(configSchema, { io: "input" });
  const own = Object.fromEntries(Object.entries(properties).map(([key, schema]) => [`sluice:${key}`, schema]));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of a Sluice stack",
    type: "object",
    properties: {
      config: {
        type: "object",
        description: "A section declares one component; no section, no component.",
        properties: { "aws:region": { type: "string", description: "AWS region of the stack." }, ...own },
        patternProperties: { "^(?!sluice:)": true },
        additionalProperties: false,
        required: ["aws:region"],
      },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
      encryptionsalt: { type: "string" },
      environment: true,
    },
    additionalProperties: false,
    ...($defs === undefined ? {} : { $defs }),
  };
}
