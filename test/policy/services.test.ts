import assert from "node:assert/strict";
import { balancersProtected, listenersEncrypted } from "../../policy/balancers.ts";
import { containersHardened } from "../../policy/hardening.ts";
import { logsKept } from "../../policy/logs.ts";
import { noPlainSecrets } from "../../policy/plain-secrets.ts";
import { servicesGuarded } from "../../policy/services.ts";
import { assertRefused, judge, type Resource, refusesEach } from "./harness.ts";

describe("policy services-guarded", () => {
  const service: Resource = {
    type: "aws:ecs/service:Service",
    props: {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      networkConfiguration: { assignPublicIp: false, subnets: [] },
    },
  };
  refusesEach(servicesGuarded, service, [
    {
      title: "no circuit breaker",
      change: { deploymentCircuitBreaker: undefined },
      says: /deploymentCircuitBreaker\.enable is off/,
    },
    {
      title: "one that is off",
      change: { deploymentCircuitBreaker: { enable: false, rollback: true } },
      says: /enable is off/,
    },
    {
      title: "one without rollback",
      change: { deploymentCircuitBreaker: { enable: true, rollback: false } },
      says: /rollback is off/,
    },
    {
      title: "a controller that ignores it",
      change: { deploymentController: { type: "EXTERNAL" } },
      says: /type is "EXTERNAL"/,
    },
    {
      title: "public addresses",
      change: { networkConfiguration: { assignPublicIp: true } },
      says: /assignPublicIp gives tasks public addresses/,
    },
    { title: "shells", change: { enableExecuteCommand: true }, says: /enableExecuteCommand opens shells/ },
  ]);
});

describe("policy balancers-protected", () => {
  const balancer: Resource = {
    type: "aws:lb/loadBalancer:LoadBalancer",
    props: {
      enableDeletionProtection: true,
      dropInvalidHeaderFields: true,
      accessLogs: { bucket: "logs", enabled: true },
    },
  };
  refusesEach(balancersProtected, balancer, [
    {
      title: "one that can be deleted",
      change: { enableDeletionProtection: false },
      says: /enableDeletionProtection is off.*deletionProtection to true/,
    },
    {
      title: "the provider's default",
      change: { enableDeletionProtection: undefined },
      says: /enableDeletionProtection is off/,
    },
    {
      title: "malformed headers",
      change: { dropInvalidHeaderFields: undefined },
      says: /dropInvalidHeaderFields is off/,
    },
    { title: "no access logs", change: { accessLogs: undefined }, says: /accessLogs\.enabled is off/ },
    { title: "access logs that are off", change: { accessLogs: { bucket: "b", enabled: false } }, says: /is off/ },
  ]);

  it("lets previews go, by config, but never production", () => {
    const config = { environments: { preview: { deletionProtection: false } } };
    const props = { ...balancer.props, enableDeletionProtection: false };
    assert.deepEqual(judge(balancersProtected, { ...balancer, stack: "preview-pr-7", props }, config), []);
    assert.deepEqual(judge(balancersProtected, { ...balancer, stack: "preview", props }, config), []);
    assertRefused(judge(balancersProtected, { ...balancer, stack: "prod", props }, config), /is off/);
    assertRefused(judge(balancersProtected, { ...balancer, stack: "previewer", props }, config), /is off/);
  });
});

describe("policy listeners-encrypted", () => {
  const listener: Resource = {
    type: "aws:lb/listener:Listener",
    props: {
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      defaultActions: [{ type: "fixed-response" }],
    },
  };
  refusesEach(listenersEncrypted, listener, [
    { title: "plain text", change: { protocol: "HTTP" }, says: /protocol is "HTTP", and does more than redirect/ },
    { title: "the provider's default policy", change: { sslPolicy: undefined }, says: /sslPolicy is undefined/ },
    {
      title: "TLS 1.0",
      change: { sslPolicy: "ELBSecurityPolicy-2016-08" },
      says: /sslPolicy is "ELBSecurityPolicy-2016-08"/,
    },
    {
      title: "TLS 1.3 with 1.0 beside it",
      change: { sslPolicy: "ELBSecurityPolicy-TLS13-1-0-2021-06" },
      says: /sslPolicy is/,
    },
    {
      title: "a redirect to plain text",
      change: { protocol: "HTTP", defaultActions: [{ type: "redirect", redirect: { protocol: "HTTP" } }] },
      says: /does more than redirect/,
    },
    {
      title: "plain text that does nothing",
      change: { protocol: "HTTP", defaultActions: [] },
      says: /does more than redirect/,
    },
  ]);

  it("passes a redirect to TLS", () => {
    const props = {
      protocol: "HTTP",
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443" } }],
    };
    assert.deepEqual(judge(listenersEncrypted, { ...listener, props }), []);
  });
});

const task = (definition: object, others: object = {}) => ({
  containerDefinitions: JSON.stringify([{ name: "api", ...definition }]),
  ...others,
});

describe("policy containers-hardened", () => {
  const safe = { user: "65532", readonlyRootFilesystem: true };
  const definition: Resource = {
    type: "aws:ecs/taskDefinition:TaskDefinition",
    props: { networkMode: "awsvpc", ...task(safe) },
  };
  refusesEach(containersHardened, definition, [
    { title: "root", change: task({ ...safe, user: "root" }), says: /containerDefinitions\[0\] "api" runs as "root"/ },
    { title: "root with a group", change: task({ ...safe, user: "root:app" }), says: /runs as "root:app"/ },
    { title: "root by number", change: task({ ...safe, user: "0:1000" }), says: /runs as "0:1000"/ },
    { title: "root by several zeros", change: task({ ...safe, user: "000" }), says: /runs as "000"/ },
    {
      title: "the image's user",
      change: task({ readonlyRootFilesystem: true }),
      says: /root unless it says otherwise/,
    },
    { title: "an empty user", change: task({ ...safe, user: "" }), says: /runs as ""/ },
    { title: "a file system to write to", change: task({ user: "1" }), says: /may write to its root file system/ },
    { title: "privileges", change: task({ ...safe, privileged: true }), says: /is privileged/ },
    { title: "privileges in quotes", change: task({ ...safe, privileged: "true" }), says: /is privileged/ },
    {
      title: "capabilities",
      change: task({ ...safe, linuxParameters: { capabilities: { add: ["SYS_PTRACE"] } } }),
      says: /adds the capabilities/,
    },
    { title: "the host's network", change: { networkMode: "host" }, says: /networkMode is "host"/ },
    { title: "the host's processes", change: { pidMode: "host" }, says: /pidMode is "host"/ },
    { title: "the host's memory", change: { ipcMode: "host" }, says: /ipcMode is "host"/ },
    {
      title: "the host's files",
      change: { volumes: [{ name: "data" }, { name: "socket", hostPath: "/var/run" }] },
      says: /volumes\[1\] "socket" is "\/var\/run" of the host/,
    },
    {
      title: "a Docker volume of the host",
      change: { volumes: [{ name: "data", dockerVolumeConfiguration: { driver: "local" } }] },
      says: /volumes\[0\] "data" is a Docker volume/,
    },
    {
      title: "a sidecar as root",
      change: {
        containerDefinitions: JSON.stringify([
          { name: "api", ...safe },
          { name: "proxy", ...safe, user: "0" },
        ]),
      },
      says: /containerDefinitions\[1\] "proxy" runs as "0"/,
    },
  ]);

  it("passes volumes that belong to the task", () => {
    const props = { ...definition.props, volumes: [{ name: "api-writable-0" }] };
    assert.deepEqual(judge(containersHardened, { ...definition, props }), []);
  });

  it("only remarks in previews, by config", () => {
    const config = { environments: { preview: { strictness: "advisory" } } };
    const rooted = (stack: string) => ({
      ...definition,
      stack,
      props: { ...definition.props, ...task({ ...safe, user: "root" }) },
    });
    const found = judge(containersHardened, rooted("preview-pr-1"), config) as { enforcementLevel?: string }[];
    assert.deepEqual(
      found.map(({ enforcementLevel }) => enforcementLevel),
      ["advisory"],
    );
    assertRefused(judge(containersHardened, rooted("prod"), config), /root/);
  });
});

describe("policy no-plain-secrets", () => {
  const variables = (...environment: object[]) => task({ environment });
  const definition: Resource = {
    type: "aws:ecs/taskDefinition:TaskDefinition",
    props: task({
      environment: [
        { name: "LOG_LEVEL", value: "info" },
        { name: "DB_URL", value: "postgres://db.internal:5432/shop" },
        { name: "API_TOKEN", value: "" },
        { name: "KEYBOARD", value: "qwerty" },
      ],
      secrets: [{ name: "DB_PASSWORD", valueFrom: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" }],
    }),
  };
  const names = [
    "DB_PASSWORD",
    "db_password",
    "GITHUB_TOKEN",
    "CLIENT_SECRET",
    "API_KEY",
    "SIGNING_KEY",
    "PASSWORD",
    "SECRET_KEY_BASE",
    "DbPassword",
  ];
  const values: [string, string][] = [
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nabc"],
    ["an AWS access key", `AKIA${"A".repeat(16)}`],
    ["a GitHub token", `ghp_${"a".repeat(36)}`],
    ["a URL with a password", "postgres://app:hunter2@db/shop"],
    ["a JSON web token", `eyJ${"a".repeat(12)}.eyJ${"b".repeat(12)}.${"c".repeat(20)}`],
  ];
  refusesEach(noPlainSecrets, definition, [
    ...names.map((name) => ({
      title: `a value for ${name}`,
      change: variables({ name, value: "hunter2" }),
      says: new RegExp(`variable "${name}" holds a secret.*; move it to sluice:services.<name>.secrets`),
    })),
    ...values.map(([title, value]) => ({
      title,
      change: variables({ name: "SETTING", value }),
      says: new RegExp(`variable "SETTING" holds ${title}`),
    })),
    ...Object.entries({
      command: { command: ["serve", "--db", "postgres://me:hunter2@db/shop"] },
      entryPoint: { entryPoint: ["sh", "-c", "TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345 run"] },
      healthCheck: { healthCheck: { command: ["CMD-SHELL", "curl https://me:hunter2@localhost/"] } },
      dockerLabels: { dockerLabels: { key: "AKIAIOSFODNN7EXAMPLE" } },
      "logConfiguration.options": { logConfiguration: { options: { url: "https://me:hunter2@logs/" } } },
    }).map(([place, container]) => ({
      title: `a secret in ${place}`,
      change: task(container),
      says: new RegExp(`"api" ${place} holds`),
    })),
    {
      title: "a second container's",
      change: {
        containerDefinitions: JSON.stringify([{}, { name: "proxy", environment: [{ name: "A_TOKEN", value: "x" }] }]),
      },
      says: /\[1\] "proxy" variable "A_TOKEN"/,
    },
    {
      title: "variables that are no list",
      change: task({ environment: { A_TOKEN: "x" } }),
      says: /environment that is no list/,
    },
  ]);

  it("never repeats the value", () => {
    const found = judge(noPlainSecrets, {
      ...definition,
      props: variables({ name: "DB_PASSWORD", value: "hunter2" }, { name: "URL", value: "https://me:hunter2@x/" }),
    });
    assertRefused(found, /URL/);
    assert.ok(!JSON.stringify(found).includes("hunter2"));
  });

  it("passes names that the config allows, though not what is a secret by its look", () => {
    const config = { allowed: ["CACHE_KEY"] };
    const props = variables({ name: "CACHE_KEY", value: "orders" });
    assert.deepEqual(judge(noPlainSecrets, { ...definition, props }, config), []);
    assertRefused(judge(noPlainSecrets, { ...definition, props }), /CACHE_KEY/);
  });
});

describe("policy logs-kept", () => {
  const group: Resource = { type: "aws:cloudwatch/logGroup:LogGroup", props: { retentionInDays: 90 } };
  refusesEach(logsKept, group, [
    {
      title: "a short time",
      change: { retentionInDays: 30 },
      says: /retentionInDays is 30; set sluice:cluster\.logRetentionDays to 90 or more/,
    },
    { title: "for ever, by leaving it out", change: { retentionInDays: undefined }, says: /pile up for ever/ },
    { title: "for ever, by 0", change: { retentionInDays: 0 }, says: /pile up for ever/ },
    {
      title: "for ever, where little is demanded",
      change: { retentionInDays: 0 },
      config: { minimumDays: 0 },
      says: /pile up for ever/,
    },
  ]);
});
