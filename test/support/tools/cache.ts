import path from "node:path";
import { cacheFolder } from "../../../engine/places.mjs";

/** Where tools are kept, in the user's cache of ours, where Pulumi engines live too. */
export function toolsFolder(): string {
  return path.join(cacheFolder(), "tools");
}
