import type { RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";

/** What conditions look at. */
export interface RequestView {
  method: string;
  /** Without port. */
  host: string;
  path: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
  sourceIp: string;
}

/**
 * The view of a request line and its headers.
 *
 * @example
 * viewOf("GET", "/a?b=1", { host: "api.example.com:8080" }, "127.0.0.1").host === "api.example.com";
 */
export function viewOf(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  sourceIp: string,
): RequestView {
  const mark = url.indexOf("?");
  const host = String(headers.host ?? "");
  return {
    method,
    host: host.replace(/:\d+$/, ""),
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    header: (name) => {
      const value = headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    sourceIp,
  };
}

/**
 * A pattern of a condition as a test: `*` is any number of characters, `?` exactly one.
 *
 * @example
 * wildcard("*.example.com", "i")("API.example.com") === true;
 */
export function wildcard(pattern: string, flags: "" | "i"): (value: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const regex = new RegExp(`^${source}$`, `s${flags}`);
  return (value) => regex.test(value);
}

/** All conditions must hold; of a condition's values one is enough. */
export function compileConditions(conditions: readonly RuleCondition[]): (request: RequestView) => boolean {
  const tests = conditions.map(compileCondition);
  return (request) => tests.every((test) => test(request));
}

function compileCondition(condition: RuleCondition): (request: RequestView) => boolean {
  switch (condition.Field) {
    case "host-header": {
      const any = anyOf(condition.HostHeaderConfig?.Values, "i");
      return (request) => any(request.host);
    }
    case "path-pattern": {
      const any = anyOf(condition.PathPatternConfig?.Values, "");
      return (request) => any(request.path);
    }
    case "http-header": {
      const any = anyOf(condition.HttpHeaderConfig?.Values, "i");
      const name = condition.HttpHeaderConfig?.HttpHeaderName ?? "";
      return (request) => {
        const value = request.header(name);
        return value !== undefined && any(value);
      };
    }
    case "http-request-method": {
      const methods = new Set(condition.HttpRequestMethodConfig?.Values);
      return (request) => methods.has(request.method);
    }
    case "query-string":
      return compileQuery(condition);
    case "source-ip": {
      const ranges = (condition.SourceIpConfig?.Values ?? []).map(compileRange);
      return (request) => ranges.some((inside) => inside(request.sourceIp));
    }
    default:
      return () => false;
  }
}

function anyOf(patterns: readonly string[] | undefined, flags: "" | "i"): (value: string) => boolean {
  const tests = (patterns ?? []).map((pattern) => wildcard(pattern, flags));
  return (value) => tests.some((test) => test(value));
}

function compileQuery(condition: RuleCondition): (request: RequestView) => boolean {
  const tests = (condition.QueryStringConfig?.Values ?? []).map((pair) => ({
    key: pair.Key === undefined ? () => true : wildcard(pair.Key, "i"),
    value: wildcard(pair.Value ?? "", "i"),
  }));
  return (request) =>
    tests.some((test) => [...request.query].some(([key, value]) => test.key(key) && test.value(value)));
}

/** Membership of an IPv4 range `a.b.c.d/n`. */
function compileRange(range: string): (ip: string) => boolean {
  const [base = "", bits = "32"] = range.split("/");
  const mask = Number(bits) === 0 ? 0 : (~0 << (32 - Number(bits))) >>> 0;
  const number = (ip: string) => ip.split(".").reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0);
  const wanted = (number(base) & mask) >>> 0;
  return (ip) => (number(ip.replace(/^::ffff:/, "")) & mask) >>> 0 === wanted;
}
