import assert from "node:assert/strict";
import { proof, refusedBy, verdictOn } from "../fixture.ts";
import { below, bill, none, overall, severityRows, suite, tools } from "./common-rows.ts";
import { proveRows, type Row, shipped } from "./rows.ts";

const gates = (stack: string, service: string) => shipped(`salunga/Pulumi.salunga-${stack}.yaml`, `salunga/${service}`);

const backend: Row[] = [
  suite("unit"),
  suite("integration"),
  suite("contract"),
  overall("lines", 85_000, /at least 85 % of lines.*, found 84\.99 % \(84,999 of 100,000\)/),
  none("lint", "issue"),
  tools("lint", "clippy"),
  ...severityRows("dependencies"),
  tools("dependencies", "cargo-audit"),
  bill,
];

const frontend: Row[] = [
  suite("unit"),
  overall("lines", 80_000, /at least 80 % of lines.*, found 79\.99 % \(79,999 of 100,000\)/),
  none("lint", "issue"),
  tools("lint", "eslint"),
  ...severityRows("dependencies"),
  tools("dependencies", "npm-audit"),
  bill,
];

describe("Salunga's gates", () => {
  proveRows("SL1: the backend, on staging", gates("staging", "backend"), "staging", backend);
  proveRows("SL1: the frontend, on staging", gates("staging", "frontend"), "staging", frontend);
  proveRows("SL1: the backend, in production", gates("prod", "backend"), "prod", [
    ...backend,
    suite("api"),
    below("health", "p99Ms", 1000, " ms"),
    below("api", "p95Ms", 2000, " ms"),
  ]);
  proveRows("SL1: the frontend, in production", gates("prod", "frontend"), "prod", [...frontend, suite("e2e")]);

  for (const service of ["backend", "frontend"]) {
    it(`the ${service} goes to production from staging, once somebody says so`, () => {
      const prod = gates("prod", service);
      const without = (kind: string) => proof(prod).filter((one) => one.kind !== kind);
      assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: without("approval") })), [
        "approvals.release-manager",
      ]);
      assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: without("deployment") })), ["provenIn"]);
    });
  }
});
