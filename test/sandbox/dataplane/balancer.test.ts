import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createStack, type Stack } from "./support/stack.ts";
import { eventually, openTestWorld, type TestWorld } from "./support/world.ts";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: options.method ?? "GET", headers: options.headers ?? {}, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}

async function versionsOf(
  url: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const { body } = await send(url, { headers });
    const { version } = JSON.parse(body) as { version: string };
    seen[version] = (seen[version] ?? 0) + 1;
  }
  return seen;
}

describe("balancer", () => {
  let world: TestWorld;
  let stack: Stack;

  before(async () => {
    world = await openTestWorld();
    stack = await createStack(world);
    await stack.createService("api-blue", "blue", await stack.release("v1"));
    await world.cloud.elb.createRule({
      ListenerArn: stack.listener,
      Priority: 1,
      Conditions: [
        { Field: "http-header", HttpHeaderConfig: { HttpHeaderName: "X-Sluice-Test", Values: ["green-*"] } },
      ],
      Actions: [{ Type: "forward", TargetGroupArn: stack.groups.green }],
    });
    await stack.createService("api-green", "green", await stack.release("v2"));
    await stack.steady("api-blue");
    await stack.steady("api-green");
  });
  after(async () => {
    await world?.close();
  });
  afterEach(async () => {
    for (const target of targets.splice(0)) target.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    await stack.weights(100, 0);
  });

  const targets: Server[] = [];
  const sockets: Socket[] = [];
  const listenAt = async (host: string, port: number, onConnection: (socket: Socket) => void) => {
    const target = createServer((socket) => {
      sockets.push(socket);
      onConnection(socket);
    });
    targets.push(target);
    await new Promise<void>((resolve) => target.listen(port, host, resolve));
  };

  it("shares requests exactly by weight, and moves them with the next request", async () => {
    assert.deepEqual(await versionsOf(stack.url, 10), { v1: 10 });
    await stack.weights(75, 25);
    assert.deepEqual(await versionsOf(stack.url, 40), { v1: 30, v2: 10 });
    await stack.weights(0, 100);
    assert.deepEqual(await versionsOf(stack.url, 10), { v2: 10 });
  });

  it("reaches a colour without weight by the header of its test rule", async () => {
    assert.deepEqual(await versionsOf(stack.url, 3, { "x-sluice-test": "GREEN-secret" }), { v2: 3 });
    assert.deepEqual(await versionsOf(stack.url, 3, { "x-sluice-test": "blue-secret" }), { v1: 3 });
  });

  it("answers 503 by itself when all weights are 0, and the default action where no rule matches", async () => {
    await stack.weights(0, 0);
    const empty = await send(stack.url);
    assert.equal(empty.status, 503);
    assert.equal(empty.headers.server, "awselb/2.0");
    await world.cloud.elb.modifyRule({
      RuleArn: stack.rule,
      Conditions: [{ Field: "path-pattern", Values: ["/only/*"] }],
    });
    const none = await send(`${stack.url}/elsewhere`);
    assert.deepEqual([none.status, none.body], [404, "nothing here"]);
    await world.cloud.elb.modifyRule({ RuleArn: stack.rule, Conditions: [{ Field: "path-pattern", Values: ["/*"] }] });
  });

  it("matches host, path, method and query conditions, the lowest priority first", async () => {
    const { elb } = world.cloud;
    const fixed = (text: string) => [
      {
        Type: "fixed-response" as const,
        FixedResponseConfig: { StatusCode: "200", MessageBody: text, ContentType: "text/plain" },
      },
    ];
    const made: string[] = [];
    const rule = async (Priority: number, Conditions: object[], text: string) => {
      const { Rules } = await elb.createRule({
        ListenerArn: stack.listener,
        Priority,
        Conditions,
        Actions: fixed(text),
      });
      made.push(Rules?.[0]?.RuleArn ?? "");
    };
    await rule(
      20,
      [
        { Field: "host-header", HostHeaderConfig: { Values: ["*.example.com"] } },
        { Field: "path-pattern", Values: ["/a?/*"] },
      ],
      "host and path",
    );
    await rule(21, [{ Field: "host-header", Values: ["*.example.com"] }], "host");
    await rule(22, [{ Field: "http-request-method", HttpRequestMethodConfig: { Values: ["PURGE"] } }], "method");
    await rule(23, [{ Field: "query-string", QueryStringConfig: { Values: [{ Key: "flag", Value: "o*" }] } }], "query");
    const text = async (path: string, options: Parameters<typeof send>[1] = {}) =>
      (await send(`${stack.url}${path}`, options)).body;
    assert.equal(await text("/ab/c", { headers: { host: "API.example.com:8080" } }), "host and path");
    assert.equal(await text("/abc/c", { headers: { host: "api.example.com" } }), "host");
    assert.equal(await text("/Ab/c", { headers: { host: "example.com" } }).then((body) => body.includes("v1")), true);
    assert.equal(await text("/", { method: "PURGE" }), "method");
    assert.equal(await text("/?x=1&FLAG=ON"), "query");
    for (const RuleArn of made) await elb.deleteRule({ RuleArn });
    assert.match(await text("/?flag=on"), /v1/);
  });

  it("redirects as the action says", async () => {
    const { Rules } = await world.cloud.elb.createRule({
      ListenerArn: stack.listener,
      Priority: 30,
      Conditions: [{ Field: "path-pattern", Values: ["/old/*"] }],
      Actions: [
        {
          Type: "redirect",
          RedirectConfig: { Protocol: "HTTPS", Port: "443", Path: "/new/#{path}", StatusCode: "HTTP_301" },
        },
      ],
    });
    const answer = await send(`${stack.url}/old/x?y=1`, { headers: { host: "shop.test" } });
    assert.equal(answer.status, 301);
    assert.equal(answer.headers.location, "https://shop.test:443/new/old/x?y=1");
    await world.cloud.elb.deleteRule({ RuleArn: Rules?.[0]?.RuleArn });
  });

  it("tells targets where a request came from", async () => {
    const { body } = await send(`${stack.url}/headers`, {
      headers: { "x-forwarded-for": "10.1.2.3", "keep-alive": "x", host: "shop.test" },
    });
    const headers = JSON.parse(body) as Record<string, string>;
    assert.equal(headers["x-forwarded-for"], "10.1.2.3, 127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-port"], "8080");
    assert.equal(headers.host, "shop.test");
    assert.match(headers["x-amzn-trace-id"] ?? "", /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    assert.equal(headers["keep-alive"], undefined);
  });

  it("streams bodies of either kind, both ways, byte for byte", async () => {
    const body = Buffer.alloc(3_000_000, "sluice balances bytes ");
    const sized = await send(`${stack.url}/echo`, {
      method: "POST",
      body,
      headers: { "content-length": String(body.length) },
    });
    assert.equal(sized.body, body.toString());
    const chunked = await send(`${stack.url}/echo`, {
      method: "PUT",
      body,
      headers: { "transfer-encoding": "chunked" },
    });
    assert.equal(chunked.body, body.toString());
    const empty = await send(`${stack.url}/echo`, { method: "POST" });
    assert.deepEqual([empty.status, empty.body], [200, ""]);
    const head = await send(`${stack.url}/`, { method: "HEAD" });
    assert.deepEqual([head.status, head.body], [200, ""]);
    const bare = await send(`${stack.url}/status?code=204`);
    assert.equal(bare.status, 204);
  });

  it("passes the first bytes of an answer on before the last ones are there", async () => {
    const arrived = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(
        `${stack.url}/echo`,
        { method: "POST", headers: { "transfer-encoding": "chunked" } },
        (response) => {
          response.once("data", (chunk) => {
            resolve(String(chunk));
            request.end("second");
            response.resume();
          });
        },
      );
      request.on("error", reject);
      request.write("first");
    });
    assert.equal(arrived, "first");
  });

  it("answers 502 when the target hangs up", async () => {
    assert.equal((await send(`${stack.url}/hangup`)).status, 502);
    assert.equal((await send(`${stack.url}/hangup`, { method: "POST", body: "x" })).status, 502);
    assert.equal((await send(stack.url)).status, 200);
  });

  it("tries again when a kept connection turns out to be closed", async () => {
    // A target that takes the second request of each connection and hangs up, as one that closes idle connections does.
    let connections = 0;
    await listenAt("127.77.0.7", 8099, (socket) => {
      connections += 1;
      let requests = 0;
      socket.on("error", () => {});
      socket.on("data", () => {
        requests += 1;
        if (requests > 1) socket.resetAndDestroy();
        else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });
    const { elb } = world.cloud;
    const group = await elb.createTargetGroup({
      Name: "flaky",
      Protocol: "HTTP",
      Port: 8099,
      VpcId: "vpc-a",
      TargetType: "ip",
    });
    const arn = group.TargetGroups?.[0]?.TargetGroupArn ?? "";
    const { Rules } = await elb.createRule({
      ListenerArn: stack.listener,
      Priority: 40,
      Conditions: [{ Field: "path-pattern", Values: ["/flaky"] }],
      Actions: [{ Type: "forward", TargetGroupArn: arn }],
    });
    await elb.registerTargets({ TargetGroupArn: arn, Targets: [{ Id: "127.77.0.7", Port: 8099 }] });
    await eventually("the target is healthy", async () => {
      const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: arn });
      return TargetHealthDescriptions?.[0]?.TargetHealth?.State === "healthy";
    });
    const before = connections;
    for (let index = 0; index < 20; index += 1) {
      const answer = await send(`${stack.url}/flaky`);
      assert.deepEqual([answer.status, answer.body], [200, "ok"]);
    }
    assert.ok(connections - before >= 10, "connections were kept and then found closed");
    await elb.deleteRule({ RuleArn: Rules?.[0]?.RuleArn });
    await elb.deleteTargetGroup({ TargetGroupArn: arn });
  });

  it("joins connections that switch protocols", async () => {
    await listenAt("127.77.0.8", 8098, (socket) => {
      socket.on("error", () => {});
      socket.once("data", (head) => {
        if (!/upgrade: websocket/i.test(String(head)))
          return socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        socket.on("data", (chunk) => socket.write(`echo ${chunk}`));
        return undefined;
      });
    });
    const { elb } = world.cloud;
    const group = await elb.createTargetGroup({
      Name: "sockets",
      Protocol: "HTTP",
      Port: 8098,
      VpcId: "vpc-a",
      TargetType: "ip",
    });
    const arn = group.TargetGroups?.[0]?.TargetGroupArn ?? "";
    const { Rules } = await elb.createRule({
      ListenerArn: stack.listener,
      Priority: 41,
      Conditions: [{ Field: "path-pattern", Values: ["/socket"] }],
      Actions: [{ Type: "forward", TargetGroupArn: arn }],
    });
    await elb.registerTargets({ TargetGroupArn: arn, Targets: [{ Id: "127.77.0.8" }] });
    await eventually("the target is healthy", async () => {
      const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: arn });
      return TargetHealthDescriptions?.[0]?.TargetHealth?.State === "healthy";
    });
    const { hostname, port } = new URL(stack.url);
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.write(`GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await eventually("the protocol is switched", () => received.startsWith("HTTP/1.1 101"));
    socket.write("hello");
    await eventually("the echo arrives", () => received.endsWith("echo hello"));
    socket.destroy();
    await elb.deleteRule({ RuleArn: Rules?.[0]?.RuleArn });
    await elb.deleteTargetGroup({ TargetGroupArn: arn });
  });

  it("keeps a client with its target group when the rule says so", async () => {
    const tuple = (arn: string, Weight: number) => ({ TargetGroupArn: arn, Weight });
    const actions = (blue: number, green: number) => [
      {
        Type: "forward" as const,
        ForwardConfig: {
          TargetGroups: [tuple(stack.groups.blue, blue), tuple(stack.groups.green, green)],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ];
    await world.cloud.elb.modifyRule({ RuleArn: stack.rule, Actions: actions(100, 0) });
    const first = await send(stack.url);
    const [cookie = ""] = String(first.headers["set-cookie"]).split(";");
    assert.match(cookie, /^AWSALBTG=/);
    await world.cloud.elb.modifyRule({ RuleArn: stack.rule, Actions: actions(0, 100) });
    assert.deepEqual(await versionsOf(stack.url, 5, { cookie }), { v1: 5 });
    assert.deepEqual(await versionsOf(stack.url, 5), { v2: 5 });
    await stack.weights(0, 100);
    assert.deepEqual(await versionsOf(stack.url, 5, { cookie }), { v2: 5 }, "stickiness off frees the client at once");
  });

  it("lets go of a kept connection with its next answer when it restarts, and serves on after it", async () => {
    const { hostname, port } = new URL(stack.url);
    const socket = connect(Number(port), hostname);
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write("GET /?ms=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    await eventually("the first answer keeps the connection", () => /connection: keep-alive[\s\S]*v1/i.test(received));
    received = "";
    socket.write("GET /?ms=300 HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.reopen();
    await ended;
    assert.match(received, /^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*v1/i);
    assert.deepEqual(await versionsOf(stack.url, 3), { v1: 3 });
  });

  it("opens and closes ports with its listeners", async () => {
    const { elb } = world.cloud;
    const { hostname } = new URL(stack.url);
    const { Listeners } = await elb.createListener({
      LoadBalancerArn: stack.loadBalancer,
      Port: 9090,
      Protocol: "HTTP",
      DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "418", MessageBody: "teapot" } }],
    });
    const listener = Listeners?.[0]?.ListenerArn;
    assert.equal((await send(`http://${hostname}:9090`)).status, 418);
    await elb.modifyListener({ ListenerArn: listener, Port: 9191 });
    assert.equal((await send(`http://${hostname}:9191`)).status, 418);
    await assert.rejects(send(`http://${hostname}:9090`), /ECONNREFUSED/);
    await elb.deleteListener({ ListenerArn: listener });
    await assert.rejects(send(`http://${hostname}:9191`), /ECONNREFUSED/);
  });
});
