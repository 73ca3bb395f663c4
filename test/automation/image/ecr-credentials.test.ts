import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { credentialsFor } from "../../../automation/image/ecr-credentials.ts";
import { pushImage } from "../../../automation/image/push.ts";
import { ContextFolder } from "./context-folder.ts";
import { MemoryRegistry } from "./memory-registry.ts";

describe("credentials for a registry", () => {
  const ecr = "000000000000.dkr.ecr.eu-west-1.amazonaws.com";
  const cases: [string, Record<string, string>, boolean][] = [
    [ecr, {}, true],
    ["000000000000.dkr.ecr-fips.us-gov-west-1.amazonaws.com", {}, true],
    ["000000000000.dkr.ecr.cn-north-1.amazonaws.com.cn", {}, true],
    ["000000000000.dkr-ecr.eu-west-1.on.aws", {}, true],
    [`${ecr}.evil.example`, {}, false],
    [`x.${ecr}`, {}, false],
    ["ghcr.io", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, false],
    ["127.0.0.1:5000", {}, false],
    ["127.0.0.1:5000", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, true],
  ];
  for (const [host, environment, expected] of cases) {
    it(`${expected ? "come from ECR" : "are none"} for ${host} ${Object.keys(environment)}`, () => {
      assert.equal(credentialsFor(host, environment) !== undefined, expected);
    });
  }

  describe("of ECR", () => {
    const saved = { ...process.env };
    let aws: http.Server;
    let answer: { status: number; body: object };
    let targets: string[];

    beforeEach(async () => {
      targets = [];
      aws = http.createServer((request, response) => {
        targets.push(String(request.headers["x-amz-target"]));
        response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify(answer.body));
      });
      aws.listen(0, "127.0.0.1");
      await once(aws, "listening");
      const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
      const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "eu-west-1" };
      Object.assign(process.env, keys, { AWS_ENDPOINT_URL: endpoint });
    });

    afterEach(async () => {
      for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
      Object.assign(process.env, saved);
      aws.closeAllConnections();
      await new Promise((resolve) => aws.close(resolve));
    });

    it("let a push through, and are asked for once", async () => {
      const token = Buffer.from("AWS:pass:word").toString("base64");
      answer = { status: 200, body: { authorizationData: [{ authorizationToken: token }] } };
      const auth = { scheme: "basic", username: "AWS", password: "pass:word" } as const;
      const registry = await MemoryRegistry.start({ auth });
      const context = await ContextFolder.create({ Dockerfile: "FROM scratch\n" });
      try {
        const repositoryUrl = `${registry.host}/api`;
        const { digest } = await pushImage({ context: context.path, repositoryUrl, tag: "v1" });
        assert.equal(registry.tags.get("api:v1"), digest);
      } finally {
        await context.remove();
        await registry.stop();
      }
      assert.deepEqual(targets, ["AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"]);
    });

    it("that AWS refuses are an error of their own", async () => {
      answer = { status: 400, body: { __type: "AccessDeniedException", message: "not you" } };
      await assert.rejects(async () => credentialsFor(ecr)?.(), {
        kind: "auth",
        exitCode: 3,
        message: /ECR in eu-west-1 gave no token.*AccessDeniedException: not you.*ecr:GetAuthorizationToken/,
      });
    });
  });
});
