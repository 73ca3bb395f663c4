/** What a task definition needs of others, so that what a running colour needs stays in reach. */

export interface HeldReferences {
  /** `valueFrom` of every variable. */
  secrets: readonly string[];
  images: readonly string[];
}

/**
 * What the containers of a `containerDefinitions` document refer to; nothing where it cannot be read.
 *
 * @example
 * heldReferences('[{"image":"r/api@sha256:…","secrets":[{"name":"A","valueFrom":"arn:…"}]}]').secrets // ["arn:…"]
 */
export function heldReferences(containerDefinitions: unknown): HeldReferences {
  const containers = parse(containerDefinitions);
  return {
    secrets: containers.flatMap(({ secrets }) => (secrets ?? []).map(({ valueFrom }) => valueFrom)),
    images: containers.map(({ image }) => image),
  };
}

function parse(document: unknown): { image: string; secrets?: { valueFrom: string }[] }[] {
  try {
    const containers: unknown = typeof document === "string" ? JSON.parse(document) : undefined;
    return Array.isArray(containers) ? containers : [];
  } catch {
    return [];
  }
}
