// The pack's entry. It is JavaScript on purpose: an entry in TypeScript would be compiled by ts-node at every start,
// while what this file imports is stripped of its types by Node itself.
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./index.ts";

new PolicyPack("sluice", { enforcementLevel: "mandatory", policies });
