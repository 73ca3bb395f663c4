/** Which images a service will have once an update is done, whatever it does with them. */
import type { ServiceConfig } from "../../model/config/service.ts";
import type { Deployed } from "../../model/release.ts";
import type { Colour, Plan } from "../../model/traffic.ts";
import type { RepositoryOutputs } from "../registry.ts";
import type { ReleaseImage } from "../release.ts";
import { heldBy } from "./references.ts";
import type { StackState } from "./stack-state.ts";

export interface ServiceImagesArgs {
  name: string;
  config: Pick<ServiceConfig, "sidecars">;
  repository: RepositoryOutputs;
  /** By the names in the sidecars' images. */
  sidecars: Readonly<Record<string, RepositoryOutputs>>;
  plan: Plan;
  state: StackState;
}

/**
 * The images of both colours, with those of sidecars.
 *
 * @example
 * serviceImages({ name: "api", config, repository, sidecars, plan, state }).map(({ colour }) => colour) // ["blue"]
 */
export function serviceImages(args: ServiceImagesArgs): ReleaseImage[] {
  return (["blue", "green"] as const).flatMap((colour) => {
    const plan = args.plan.colours[colour];
    if (plan.action === "absent") return [];
    const own = `${args.repository.url}@${plan.deployed.digest}`;
    const all = plan.action === "deploy" ? [own, ...sidecarImages(args)] : [own, ...keptImages(args, colour)];
    return [...new Set(all)].map((image) => describe(args.name, colour, image, plan.deployed));
  });
}

/** The digest that runs need not be the declared one: ECS may have gone back by itself. Both can run again. */
function keptImages({ state, name }: ServiceImagesArgs, colour: Colour): readonly string[] {
  return heldBy(state, name, colour).images;
}

function sidecarImages({ config, sidecars }: ServiceImagesArgs): string[] {
  return Object.values(config.sidecars).map(({ image }) => {
    const [repository = "", digest] = image.split("@");
    return `${sidecars[repository]?.url ?? repository}@${digest}`;
  });
}

function describe(service: string, colour: Colour, image: string, deployed: Deployed): ReleaseImage {
  const [path = "", digest] = image.split("@");
  const repository = path.slice(path.indexOf("/") + 1);
  return { service, colour, repository, image, ...(digest === deployed.digest ? { tag: deployed.tag } : {}) };
}
