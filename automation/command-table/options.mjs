/** Options that several commands share. */
export const stack = { flags: "-s, --stack <name>", summary: "stack to work on (default: local)" };
export const sandbox = { flags: "--sandbox", summary: "work in the local cloud; stack local always does" };
export const json = { flags: "--json", summary: "print the result as JSON on stdout" };
export const lockTimeout = {
  flags: "--lock-timeout <seconds>",
  summary: "how long to wait for another update of the stack (default: 60)",
};
export const timeout = { flags: "--timeout <seconds>", summary: "end the run in order after this long; exit code 9" };
export const yes = { flags: "-y, --yes", summary: "do not ask" };
export const service = { flags: "--service <name>", summary: "only this service (default: all of the stack)" };
export const release = [
  { flags: "--image-tag <tag>", summary: "release to switch to, for all services or for --service" },
  service,
  { flags: "--candidate <tag>", summary: "release to try beside the active one, with --weight" },
  { flags: "--weight <percent>", summary: "share of the traffic for the candidate, 0 to 100" },
];
