import type { IncomingMessage } from "node:http";
import type { Group } from "./routing.ts";

/** The cookie by which a client stays with a target group (ELB documentation, "Sticky sessions"). */
const COOKIE = "AWSALBTG";

/** The group that the request's cookie names, if the rule still forwards to it; its weight does not matter any more. */
export function stickyGroup(request: IncomingMessage, groups: readonly Group[]): Group | undefined {
  const value = /(?:^|;\s*)AWSALBTG=([0-9a-f]+)\.(\d+)/.exec(request.headers.cookie ?? "");
  if (value === null || Number(value[2]) < Date.now()) return undefined;
  return groups.find((group) => group.cookie === value[1]);
}

/** Headers that bind the client to the group for so many seconds from now. */
export function stickyCookie(group: Group, seconds: number): string[] {
  const expires = Date.now() + seconds * 1000;
  return ["Set-Cookie", `${COOKIE}=${group.cookie}.${expires}; Expires=${new Date(expires).toUTCString()}; Path=/`];
}
