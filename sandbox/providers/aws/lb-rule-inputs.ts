import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties } from "../resource-type.ts";

const text: InputSpec = { type: "string" };
const values: InputSpec = { type: { set: { type: "string", minLength: 1, maxLength: 128 } }, required: true };

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html */
const ACTION: Record<string, InputSpec> = {
  type: { type: "string", required: true, oneOf: ["forward", "redirect", "fixed-response"] },
  order: { type: "integer", computed: true, min: 1, max: 50_000 },
  targetGroupArn: text,
  forward: {
    type: {
      object: {
        targetGroups: {
          type: {
            set: {
              type: {
                object: {
                  arn: { type: "string", required: true },
                  weight: { type: "integer", default: 1, min: 0, max: 999 },
                },
              },
            },
          },
          required: true,
          minLength: 1,
          maxLength: 5,
        },
        stickiness: {
          type: {
            object: {
              duration: { type: "integer", required: true, min: 1, max: 604_800 },
              enabled: { type: "boolean", default: false },
            },
          },
        },
      },
    },
  },
  redirect: {
    type: {
      object: {
        host: { type: "string", default: "#{host}", minLength: 1, maxLength: 128 },
        path: { type: "string", default: "/#{path}", minLength: 1, maxLength: 128 },
        port: { type: "string", default: "#{port}" },
        protocol: { type: "string", default: "#{protocol}", oneOf: ["#{protocol}", "HTTP", "HTTPS"] },
        query: { type: "string", default: "#{query}", maxLength: 128 },
        statusCode: { type: "string", required: true, oneOf: ["HTTP_301", "HTTP_302"] },
      },
    },
  },
  fixedResponse: {
    type: {
      object: {
        contentType: {
          type: "string",
          required: true,
          oneOf: ["text/plain", "text/css", "text/html", "application/javascript", "application/json"],
        },
        messageBody: { type: "string", maxLength: 1024 },
        statusCode: { type: "string", computed: true, pattern: /^[245]\d\d$/ },
      },
    },
  },
};

export const actions: InputSpec = { type: { list: { type: { object: ACTION } } }, required: true, minLength: 1 };

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html */
export const conditions: InputSpec = {
  type: {
    set: {
      type: {
        object: {
          hostHeader: { type: { object: { values } } },
          pathPattern: { type: { object: { values } } },
          httpHeader: {
            type: {
              object: {
                httpHeaderName: { type: "string", required: true, minLength: 1, maxLength: 40 },
                values,
              },
            },
          },
          httpRequestMethod: { type: { object: { values } } },
          queryStrings: {
            type: { set: { type: { object: { key: text, value: { type: "string", required: true } } } } },
          },
          sourceIp: { type: { object: { values } } },
        },
      },
    },
  },
  required: true,
  minLength: 1,
};

const CONFIGURED: Record<string, readonly string[]> = {
  forward: ["forward", "targetGroupArn"],
  redirect: ["redirect"],
  "fixed-response": ["fixedResponse"],
};

/** An action has what its type needs, and nothing of another type. */
export function checkActions(property: string, list: unknown): CheckProblem[] {
  if (!Array.isArray(list)) return [];
  return (list as Properties[]).flatMap((action, index): CheckProblem[] => {
    const at = `${property}[${index}]`;
    const type = String(action.type);
    const own = CONFIGURED[type] ?? [];
    const given = Object.values(CONFIGURED)
      .flat()
      .filter((key) => action[key] !== undefined);
    const foreign = given.filter((key) => !own.includes(key));
    const problems = foreign.map((key) => ({ property: `${at}.${key}`, reason: `does not go with type '${type}'` }));
    if (!isUnknown(action.type) && !own.some((key) => given.includes(key))) {
      problems.push({ property: at, reason: `type '${type}' needs ${own.map((key) => `'${key}'`).join(" or ")}` });
    }
    return problems;
  });
}

/** Every condition is of exactly one kind; a rule has at most five values. */
export function checkConditions(list: unknown): CheckProblem[] {
  if (!Array.isArray(list)) return [];
  const problems = (list as Properties[]).flatMap((condition, index): CheckProblem[] => {
    const kinds = Object.keys(condition).length;
    if (isUnknown(condition) || kinds === 1) return [];
    return [{ property: `conditions[${index}]`, reason: `must have exactly one kind of condition, got ${kinds}` }];
  });
  const count = (list as Properties[])
    .flatMap((condition) => Object.values(condition ?? {}))
    .reduce<number>((sum, one) => {
      const found = Array.isArray(one) ? one : (one as { values?: unknown })?.values;
      return sum + (Array.isArray(found) ? found.length : 0);
    }, 0);
  if (count > 5) problems.push({ property: "conditions", reason: `a rule has at most 5 values, got ${count}` });
  return problems;
}
