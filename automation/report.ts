/** How an update ends on the screen: what runs where, and the address to look at. */
import type { Output } from "./output.ts";
import { type ServiceOutputs, servicesOf } from "./read-back.ts";
import type { Target } from "./target.ts";
import type { UpdateResult } from "./update.ts";

export interface ReportArgs {
  target: Pick<Target, "stack">;
  result: UpdateResult;
  json: boolean;
  output: Output;
}

export function report({ target, result, json, output }: ReportArgs): void {
  const { outputs, log, changed } = result;
  if (json) {
    output.json({ stack: target.stack, changed, changes: log.changes.update ?? {}, outputs });
    return;
  }
  for (const line of serviceLines(outputs)) output.say(line);
}

/**
 * One line per service.
 *
 * @example
 * serviceLines(outputs) // ["api: v1.1.0 on green 100 %, v1.0.0 stands by on blue: http://127.1.0.64:8080/"]
 */
export function serviceLines(outputs: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(servicesOf(outputs)).map(([name, service]) => {
    if (service.active === null) return `${name}: nothing runs yet; give it a release: --image-tag TAG`;
    return `${name}: ${colours(service).join(", ")}: ${service.url}`;
  });
}

function colours(service: ServiceOutputs): string[] {
  const { active, standby, weights, blue, green } = service;
  // The same image under two configurations is two releases.
  const alike = blue !== null && green !== null && blue.tag === green.tag;
  return [active, standby].flatMap((colour) => {
    const release = colour === null ? null : service[colour];
    if (colour === null || release === null) return [];
    const name = alike ? `${release.tag} (release ${release.release})` : release.tag;
    return weights[colour] > 0 || colour === active
      ? [`${name} on ${colour} ${weights[colour]} %`]
      : [`${name} stands by on ${colour}`];
  });
}
