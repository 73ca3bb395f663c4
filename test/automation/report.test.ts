import assert from "node:assert/strict";
import { serviceLines } from "../../automation/report.ts";

const release = (tag: string, id: string) => ({ tag, release: id, digest: `sha256:${id}`, taskDefinition: "td" });
const api = (changes: object) => ({
  services: {
    api: {
      url: "http://api.test/",
      active: "green",
      standby: "blue",
      weights: { blue: 0, green: 100 },
      blue: release("v1.0.0", "0a"),
      green: release("v1.1.0", "0b"),
      ...changes,
    },
  },
});

describe("the line of a service", () => {
  const rows: [what: string, changes: object, line: string][] = [
    ["names both colours", {}, "api: v1.1.0 on green 100 %, v1.0.0 stands by on blue: http://api.test/"],
    [
      "shows a split",
      { weights: { blue: 75, green: 25 } },
      "api: v1.1.0 on green 25 %, v1.0.0 on blue 75 %: http://api.test/",
    ],
    [
      "tells two releases of one tag apart",
      { blue: release("v1.1.0", "0a") },
      "api: v1.1.0 (release 0b) on green 100 %, v1.1.0 (release 0a) stands by on blue: http://api.test/",
    ],
    ["says nothing of an empty standby", { blue: null }, "api: v1.1.0 on green 100 %: http://api.test/"],
    [
      "says what to do before the first release",
      { active: null, standby: null, blue: null, green: null },
      "api: nothing runs yet; give it a release: --image-tag TAG",
    ],
  ];
  for (const [what, changes, line] of rows) it(what, () => assert.deepEqual(serviceLines(api(changes)), [line]));
});
