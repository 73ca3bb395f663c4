/** Reads the environment once, at start: a bad value ends the process with every error named, before a port is opened. */

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {{settings: Settings, errors: string[]}}
 *
 * @typedef {object} Settings
 * @property {string} host address to listen on. Default 0.0.0.0: a container is reached from outside.
 * @property {number} port 0 takes any free port. Default 8080.
 * @property {string} version what runs. Default "unknown".
 * @property {boolean} failHealth answer 503 on /health
 * @property {number} startDelayMs wait so many milliseconds before listening
 * @property {number | undefined} crashAfterMs exit with code 1 so many milliseconds after the start
 * @property {number} errorRate share of requests (not /health) answered with 500, 0 to 1
 * @property {number} latencyMs added to every request but /health, in milliseconds
 * @property {string} basePath where a balancer's rule puts the service, such as /api; taken off before a path is looked at.
 *   Default "".
 */
export function readSettings(environment) {
  const errors = [];
  const number = (name, fallback, max, whole = true) => {
    const raw = environment[name];
    if (raw === undefined || raw === "") return fallback;
    const value = Number(raw);
    if (raw.trim() !== "" && value >= 0 && value <= max && (!whole || Number.isInteger(value))) return value;
    errors.push(
      `${name} must be ${whole ? "a whole number" : "a number"} from 0 to ${max}, not ${JSON.stringify(raw)}`,
    );
    return fallback;
  };
  const flag = (name) => {
    const raw = environment[name] ?? "";
    if (!["", "0", "1", "true", "false"].includes(raw)) {
      errors.push(`${name} must be 1 or 0, not ${JSON.stringify(raw)}`);
    }
    return raw === "1" || raw === "true";
  };
  const basePath = () => {
    const raw = environment.BASE_PATH ?? "";
    if (raw !== "" && !/^(?:\/[A-Za-z0-9._-]+)+$/.test(raw)) {
      errors.push(`BASE_PATH must be a path such as /api, not ${JSON.stringify(raw)}`);
    }
    return raw;
  };
  const day = 86_400_000;
  const settings = {
    host: environment.HOST || "0.0.0.0",
    port: number("PORT", 8080, 65_535),
    version: environment.VERSION || "unknown",
    failHealth: flag("FAIL_HEALTH"),
    startDelayMs: number("START_DELAY_MS", 0, day),
    crashAfterMs: number("CRASH_AFTER_MS", undefined, day),
    errorRate: number("ERROR_RATE", 0, 1, false),
    latencyMs: number("LATENCY_MS", 0, 60_000),
    basePath: basePath(),
  };
  return { settings, errors };
}
