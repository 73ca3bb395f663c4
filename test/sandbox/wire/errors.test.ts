import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStreamCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { DescribeRegistryCommand, DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { CreateClusterCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  DescribeRulesCommand,
  DescribeTrustStoresCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CloudError } from "../../../sandbox/cloud/error.ts";
import { maximumBodyBytes } from "../../../sandbox/wire/request.ts";
import { serve, type WireServer } from "./harness.ts";

const noRule = () => {
  throw new CloudError("RuleNotFoundException", "One or more rules not found");
};

describe("sandbox/wire: errors", () => {
  let server: WireServer;
  let thrown: unknown;
  const lines: string[] = [];
  const throws = () => {
    throw thrown;
  };

  before(async () => {
    server = await serve({
      log: (line) => lines.push(line),
      ecr: { describeRepositories: throws },
      ecs: { createCluster: throws },
      elb: { describeRules: throws, createListener: noRule },
      cloudwatch: { getMetricData: throws, putMetricData: () => ({}) },
    });
  });
  after(() => server.close());

  const listRules = () => new ElasticLoadBalancingV2Client(server.clientConfig).send(new DescribeRulesCommand({}));
  const describeRepositories = (attempts = 1) =>
    new ECRClient({ ...server.clientConfig, maxAttempts: attempts }).send(new DescribeRepositoriesCommand({}));

  it("JSON: become the client's exception classes", async () => {
    thrown = new CloudError("RepositoryNotFoundException", "no 'api' & <none>");
    await assert.rejects(describeRepositories(), (error: Error & { $fault?: string }) => {
      assert.equal(error.constructor.name, "RepositoryNotFoundException");
      assert.equal(error.message, "no 'api' & <none>");
      assert.equal(error.$fault, "client");
      return true;
    });
  });

  for (const code of ["RuleNotFoundException", "RuleNotFound"]) {
    it(`query: ${code} becomes the client's exception class, with the wire code`, async () => {
      thrown = new CloudError(code, "no rule & <none>");
      await assert.rejects(listRules(), (error: Error & { Code?: string }) => {
        assert.equal(error.constructor.name, "RuleNotFoundException");
        assert.equal(error.name, "RuleNotFoundException");
        assert.equal(error.Code, "RuleNotFound");
        assert.equal(error.message, "no rule & <none>");
        return true;
      });
    });
  }

  it("CloudWatch: are known by class, and by the code of the query days", async () => {
    thrown = new CloudError("InvalidNextToken", "bad token");
    const asked = { MetricDataQueries: [], StartTime: new Date(), EndTime: new Date() };
    await assert.rejects(
      new CloudWatchClient(server.clientConfig).send(new GetMetricDataCommand(asked)),
      (error: Error & { Code?: string }) => {
        assert.equal(error.constructor.name, "InvalidNextToken");
        assert.equal(error.message, "bad token");
        return true;
      },
    );
  });

  it("of the sandbox itself are 500s, which clients retry, and are logged with their place", async () => {
    thrown = new TypeError("x is undefined");
    await assert.rejects(listRules(), { name: "InternalFailure", message: "the sandbox failed: x is undefined" });
    assert.match(lines.at(-1) ?? "", /Elastic Load Balancing v2: TypeError: x is undefined\n +at .*errors\.test\.ts/);
  });

  it("of throttling are retried by the client", async () => {
    let calls = 0;
    thrown = undefined;
    const throttled = await serve({
      ecr: {
        describeRepositories() {
          calls += 1;
          if (calls < 3) throw new CloudError("ThrottlingException", "Rate exceeded");
          return { repositories: [] };
        },
      },
    });
    const client = new ECRClient({ ...throttled.clientConfig, maxAttempts: 3 });
    assert.deepEqual((await client.send(new DescribeRepositoriesCommand({}))).repositories, []);
    assert.equal(calls, 3);
    client.destroy();
    await throttled.close();
  });

  it("that ask for no answer get none", async () => {
    thrown = new CloudError("RequestTimeout", "lost", 500, { dropConnection: true });
    await assert.rejects(describeRepositories(), { code: "ECONNRESET" });
  });

  it("name an operation that AWS has and the sandbox does not, and one that nobody has", async () => {
    await assert.rejects(new ECRClient(server.clientConfig).send(new DescribeRegistryCommand({})), {
      name: "UnknownOperationException",
      message: "the sandbox does not serve the operation DescribeRegistry of ECR",
    });
    await assert.rejects(
      new ElasticLoadBalancingV2Client(server.clientConfig).send(new DescribeTrustStoresCommand({})),
      { name: "InvalidAction", message: /does not serve the operation DescribeTrustStores/ },
    );
    await assert.rejects(new CloudWatchClient(server.clientConfig).send(new GetMetricStreamCommand({ Name: "a" })), {
      name: "UnknownOperationException",
    });
    const made = await post({ "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.ToString" }, "{}");
    assert.deepEqual(made, [400, "UnknownOperationException", '"ToString" is not an operation of ECR']);
  });

  it("name a required member that is absent, with the service's own code", async () => {
    thrown = new Error("the domain was asked");
    const absent = undefined as unknown as string;
    await assert.rejects(
      new ElasticLoadBalancingV2Client(server.clientConfig).send(
        new CreateListenerCommand({ LoadBalancerArn: absent, DefaultActions: [] }),
      ),
      { name: "ValidationError", message: /'LoadBalancerArn'.*must not be null/ },
    );
    await assert.rejects(
      new CloudWatchClient(server.clientConfig).send(
        new GetMetricDataCommand({ MetricDataQueries: [{ Id: absent }], StartTime: new Date(), EndTime: new Date() }),
      ),
      { name: "MissingRequiredParameterException", message: /'MetricDataQueries\.1\.member\.Id'/ },
    );
    await assert.doesNotReject(
      new CloudWatchClient(server.clientConfig).send(new PutMetricDataCommand({ Namespace: "a" })),
    );
  });

  it("name a member of the wrong type by its path", async () => {
    await assert.rejects(new ECSClient(server.clientConfig).send(new CreateClusterCommand({ clusterName: "a" })));
    const body = JSON.stringify({ settings: [{ name: 5 }] });
    assert.deepEqual(await post({ "x-amz-target": "AmazonEC2ContainerServiceV20141113.CreateCluster" }, body), [
      400,
      "SerializationException",
      "'settings.1.member.name' is not a string",
    ]);
    const rule = "Action=DescribeRules&PageSize=many";
    assert.deepEqual(await post({ authorization: signed("elasticloadbalancing") }, rule), [
      400,
      "SerializationException",
      "'PageSize' is not a number",
    ]);
  });

  const target = { "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories" };
  const elb = { authorization: signed("elasticloadbalancing") };
  const requests: [
    what: string,
    headers: Record<string, string>,
    body: string | Uint8Array<ArrayBuffer>,
    status: number,
    code: string,
  ][] = [
    ["an unsigned form, as a web page could send", {}, "Action=DescribeRules", 403, "MissingAuthenticationToken"],
    ["a service that is not served", { authorization: signed("dynamodb") }, "{}", 404, "UnknownOperationException"],
    [
      "a target of another service",
      { ...target, authorization: signed("ecs") },
      "{}",
      400,
      "UnknownOperationException",
    ],
    [
      "a signed JSON request without a target",
      { authorization: signed("ecr") },
      "{}",
      400,
      "UnknownOperationException",
    ],
    ["JSON that is cut off", target, '{"a":', 400, "SerializationException"],
    ["JSON that is no object", target, "[1]", 400, "SerializationException"],
    ["bytes that are not UTF-8", target, new Uint8Array([0x22, 0xff, 0x22]), 400, "SerializationException"],
    ["a form without an action", elb, "Version=2015-12-01", 400, "MissingAction"],
    ["a form that gives a parameter twice", elb, "Action=DescribeRules&Marker=a&Marker=b", 400, "MalformedQueryString"],
    ["a list position that is no number", elb, "Action=DescribeRules&RuleArns.member.x=a", 400, "MalformedQueryString"],
    ["a scalar where a list belongs", elb, "Action=DescribeRules&RuleArns=a", 400, "SerializationException"],
    ["a list where a scalar belongs", elb, "Action=DescribeRules&Marker.member.1=a", 400, "SerializationException"],
    ["endless parameters", elb, `Action=DescribeRules${"&a.b=".repeat(10_001)}`, 400, "MalformedQueryString"],
    ["a body above the limit", target, "x".repeat(maximumBodyBytes + 1), 413, "RequestEntityTooLargeException"],
    [
      "a small body that unpacks above the limit",
      { ...target, "content-encoding": "gzip" },
      new Uint8Array(gzipSync("x".repeat(maximumBodyBytes + 1))),
      413,
      "RequestEntityTooLargeException",
    ],
    ["broken gzip", { ...target, "content-encoding": "gzip" }, "{}", 400, "SerializationException"],
    ["an unknown encoding", { ...target, "content-encoding": "br" }, "{}", 415, "UnsupportedMediaTypeException"],
  ];
  for (const [what, headers, body, status, code] of requests) {
    it(`refuse ${what}`, async () => {
      thrown = new Error("the domain was asked");
      const [gotStatus, gotCode] = await post(headers, body);
      assert.deepEqual([gotStatus, gotCode], [status, code]);
    });
  }

  it("refuse other methods than POST", async () => {
    const response = await fetch(server.endpoint, { headers: target });
    assert.equal(response.status, 405);
  });

  it("leave parameters that are named like parts of an object alone", async () => {
    thrown = new CloudError("RuleNotFound", "asked");
    const [, code] = await post(elb, "Action=DescribeRules&__proto__.polluted=1&constructor.prototype.polluted=1");
    assert.equal(code, "RuleNotFound");
    assert.equal(({} as { polluted?: string }).polluted, undefined);
  });

  /** Sends what no client of AWS would, and reads code and message off the answer. */
  async function post(
    headers: Record<string, string>,
    body: string | Uint8Array<ArrayBuffer>,
  ): Promise<[number, string, string]> {
    const response = await fetch(server.endpoint, { method: "POST", headers, body });
    const text = await response.text();
    if (text.startsWith("<")) return [response.status, element(text, "Code"), element(text, "Message")];
    const { __type, message } = JSON.parse(text) as { __type: string; message: string };
    return [response.status, __type, message];
  }
});

function element(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
  return found.replaceAll("&apos;", "'").replaceAll("&quot;", '"');
}

function signed(service: string): string {
  const scope = `Credential=sandbox/20261121/eu-west-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`;
}
