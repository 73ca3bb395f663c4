import * as pulumi from "@pulumi/pulumi";
import type { GatesSection } from "../model/gates/section.ts";

/** An image that runs in the stack once the update is done. */
export interface ReleaseImage {
  service: string;
  colour: string;
  /** Name in the registry, e.g. `salunga/backend`. */
  repository: string;
  /** REGISTRY/REPOSITORY@sha256:DIGEST */
  image: string;
  /** What it was asked for by; for people. @default it was asked for by digest, as sidecars are */
  tag?: string;
}

/** Plain values, all of them: what decides whether an update may begin must be known in its preview. */
export interface ReleaseArgs {
  /** Name of the environment. */
  environment: string;
  /** Every one: deployed, standing by, and beside the services' own. */
  images: readonly ReleaseImage[];
  /** What the stack demands of them beyond what the policy pack does. @default nothing */
  gates?: GatesSection | undefined;
}

/**
 * What an update is about to run. It creates nothing: it is what the policy pack judges before anything is created, so
 * it is registered, and awaited, before all else.
 *
 * @example
 * await new Release("release", { environment: "prod", images }).registered();
 */
export class Release extends pulumi.ComponentResource {
  constructor(name: string, { environment, images, gates }: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:release:Release", name, { environment, images, ...(gates === undefined ? {} : { gates }) }, opts);
    this.registerOutputs({});
  }

  /** Resolves once the engine has taken it, and so the pack has judged it. In an update, one that is refused never does. */
  registered(): Promise<string> {
    return new Promise((resolve) => {
      this.urn.apply(resolve);
    });
  }
}
