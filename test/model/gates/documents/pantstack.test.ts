import { none, suite } from "./common-rows.ts";
import { proveRows, shipped } from "./rows.ts";

describe("Pantstack's gates", () => {
  const test = shipped("pantstack/Pulumi.pantstack-test.yaml", "pantstack");
  const prod = shipped("pantstack/Pulumi.pantstack-prod.yaml", "pantstack");
  proveRows("PS1, PS2: what comes to the test stack", test, "staging", [suite("unit"), none("lint", "issue")]);
  proveRows("PS3: what is released", prod, "prod", [suite("unit"), suite("smoke"), none("lint", "issue")]);
});
