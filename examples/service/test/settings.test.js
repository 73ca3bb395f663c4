import assert from "node:assert/strict";
import { readSettings } from "../settings.js";

describe("the settings", () => {
  it("have defaults", () => {
    const { settings, errors } = readSettings({});
    assert.deepEqual(errors, []);
    assert.deepEqual(settings, {
      host: "0.0.0.0",
      port: 8080,
      version: "unknown",
      failHealth: false,
      startDelayMs: 0,
      crashAfterMs: undefined,
      errorRate: 0,
      latencyMs: 0,
      basePath: "",
    });
  });

  it("are read from the environment", () => {
    const { settings, errors } = readSettings({
      PORT: "0",
      ERROR_RATE: "0.25",
      FAIL_HEALTH: "true",
      BASE_PATH: "/api",
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(
      [settings.port, settings.errorRate, settings.failHealth, settings.basePath],
      [0, 0.25, true, "/api"],
    );
  });

  for (const [name, value] of [
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "1.5"],
    ["PORT", "-1"],
    ["PORT", " "],
    ["ERROR_RATE", "1.01"],
    ["FAIL_HEALTH", "yes"],
    ["BASE_PATH", "api"],
    ["BASE_PATH", "/api/"],
  ]) {
    it(`refuse ${name}=${JSON.stringify(value)}`, () => {
      const { errors } = readSettings({ [name]: value });
      assert.equal(errors.length, 1);
      assert.ok(errors[0].startsWith(`${name} must be `) && errors[0].endsWith(JSON.stringify(value)), errors[0]);
    });
  }

  it("are all looked at before it gives up", () => {
    assert.equal(readSettings({ PORT: "x", LATENCY_MS: "x", CRASH_AFTER_MS: "x" }).errors.length, 3);
  });
});
