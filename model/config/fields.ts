/** Fields that several sections have. */
import { z } from "zod";

/** Lower case, digits and single hyphens; it becomes part of physical names. */
export const identifier = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,23}$/,
    "1 to 24 lower-case letters, digits and single hyphens, a letter first",
  );
/** OCI distribution specification, "Pulling manifests": the grammar of a tag. */
export const tag = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, "a tag: 1 to 128 of A-Z a-z 0-9 _ . -, not starting with . or -");
/** ECR API, CreateRepository, repositoryName. */
export const repositoryName = z
  .string()
  .min(2)
  .max(256)
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/, "lower-case words joined by . _ - or /");
export const percent = z.int().min(0).max(100);
export const port = z.int().min(1).max(65_535);
/** POSIX names; AWS and shells take no others. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and _, not starting with a digit");
/** Text; YAML reads some of it as a number or a boolean. An empty value is none: it would become the text "null". */
export const variableValue = z
  .union([z.string(), z.number(), z.boolean()], "a text, a number or a boolean; nothing is not one of them")
  .transform(String);
export const cidr = z.cidrv4("an IPv4 range such as 10.20.0.0/16");
export const arn = z.string().regex(/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:.+/, "an ARN");
