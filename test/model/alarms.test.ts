import assert from "node:assert/strict";
import { metricNameOf } from "../../model/alarms.ts";
import { checkConfig, formatProblems } from "../../model/config/config.ts";
import { topicPolicy } from "../../model/topic-policy.ts";

const withAlarms = (alarms: Record<string, unknown>) => ({ network: {}, cluster: {}, services: { api: {} }, alarms });
const email = (endpoint: string) => ({ subscriptions: { warning: { team: { protocol: "email", endpoint } } } });
const https = (endpoint: unknown) => ({ subscriptions: { critical: { pager: { protocol: "https", endpoint } } } });

describe("the section alarms", () => {
  it("takes an empty section, and what stands in for secrets in the sandbox", () => {
    assert.deepEqual(checkConfig(withAlarms({})).problems, []);
    assert.deepEqual(checkConfig(withAlarms(https("sandbox"))).problems, []);
  });

  const rows: [what: string, raw: Record<string, unknown>, field: string, rule: RegExp][] = [
    ["alarms without a cluster", { alarms: {} }, "cluster", /alarms watch/],
    ["thresholds of no service", withAlarms({ services: { web: {} } }), "alarms.services.web", /name of a service/],
    ["p95 above p99", withAlarms({ thresholds: { p95Seconds: 4 } }), "alarms.thresholds.p95Seconds", /at most p99/],
    [
      "p95 above p99 for one",
      withAlarms({ services: { api: { p99Seconds: 0.5 } } }),
      "alarms.services.api.p95Seconds",
      /at most p99/,
    ],
    ["a kind that there is not", withAlarms({ severities: { disk: "info" } }), "alarms.severities.disk", /.*/],
    ["101 %", withAlarms({ thresholds: { cpuPercent: 101 } }), "alarms.thresholds.cpuPercent", /at most 100/],
    ["0 %", withAlarms({ thresholds: { errorPercent: 0 } }), "alarms.thresholds.errorPercent", /more than 0/],
    ["no mail address", withAlarms(email("team")), "alarms.subscriptions.warning.team.endpoint", /mail address/],
    ["plain http", withAlarms(https("http://h/")), "alarms.subscriptions.critical.pager.endpoint", /https/],
    [
      "an unknown protocol",
      withAlarms({ subscriptions: { info: { a: { protocol: "sms", endpoint: "1" } } } }),
      "alarms.subscriptions.info.a.protocol",
      /email/,
    ],
  ];
  for (const [what, raw, field, rule] of rows) {
    it(`refuses ${what}`, () => {
      const { problems } = checkConfig(raw);
      assert.deepEqual(
        problems.map((problem) => problem.field),
        [field],
      );
      assert.match(problems[0]?.rule ?? "", rule);
    });
  }

  it("never shows an endpoint, however wrong it is", () => {
    const token = "t0ken";
    const wrong = [
      https(`ftp://h/${token}`),
      https([token]),
      { subscriptions: { critical: { pager: { protocol: token, endpiont: token } } } },
      { subscriptions: { critical: { pager: token } } },
      { subscriptions: { critical: `https://h/${token}` } },
    ];
    for (const alarms of wrong) {
      const { problems } = checkConfig(withAlarms(alarms));
      assert.ok(problems.length > 0);
      assert.ok(!formatProblems(problems).includes(token), formatProblems(problems));
    }
  });
});

describe("topicPolicy", () => {
  const arn = "arn:aws-cn:sns:cn-north-1:123456789012:sluice-prod-critical";
  const { Statement } = JSON.parse(topicPolicy(arn)) as { Statement: Record<string, Record<string, unknown>>[] };
  const source = { "aws:SourceArn": "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:*" };

  it("lets alarms of this account and region publish", () => {
    const allowed = Statement.filter(({ Effect }) => String(Effect) === "Allow");
    assert.deepEqual(allowed, [
      {
        Sid: "AlarmsOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: arn,
        Condition: { ArnLike: source, StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
  });

  it("refuses everybody else, whatever their own permissions, and everything that is not over TLS", () => {
    const denied = Statement.filter(({ Effect }) => String(Effect) === "Deny");
    assert.deepEqual(
      denied.map(({ Principal, Action, Condition }) => [Principal, Action, Condition]),
      [
        ["*", "sns:Publish", { ArnNotLike: source }],
        ["*", "sns:Publish", { Bool: { "aws:SecureTransport": "false" } }],
      ],
    );
  });
});

describe("metricNameOf", () => {
  const prefix = "arn:aws:elasticloadbalancing:eu-west-1:1:";
  const table: [string, string][] = [
    [`${prefix}loadbalancer/app/shop/50dc6c495c0c9188`, "app/shop/50dc6c495c0c9188"],
    [`${prefix}targetgroup/shop-blue/73e2d6bc24d8a067`, "targetgroup/shop-blue/73e2d6bc24d8a067"],
  ];
  for (const [arn, expected] of table) it(expected, () => assert.equal(metricNameOf(arn), expected));
});
