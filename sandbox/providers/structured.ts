import type { Properties } from "./resource-type.ts";

/** A provider's structured argument: the engine hands it over as JSON text. */
export function structured(value: unknown): Properties {
  if (typeof value === "string" && value !== "") return JSON.parse(value) as Properties;
  return (value ?? {}) as Properties;
}
