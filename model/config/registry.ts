/** The section `registry`: image repositories. */
import { z } from "zod";
import { repositoryName } from "./fields.ts";

export const registry = z.strictObject({
  repositories: z
    .record(
      repositoryName,
      z.strictObject({
        expireUntaggedDays: z
          .int()
          .min(1)
          .max(365)
          .default(14)
          .describe("Days until an image without a tag is removed."),
        expirePreviewDays: z
          .int()
          .min(1)
          .max(365)
          .default(14)
          .describe("Days until images tagged dev-* or pr-* are removed."),
      }),
    )
    .refine((repositories) => Object.keys(repositories).length > 0, "at least one repository"),
});

export type RegistryConfig = z.output<typeof registry>;
