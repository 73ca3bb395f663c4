// Puts off loading what @pulumi/pulumi loads at once and most programs never use: npm's arborist and the TypeScript compiler (for
// serialized functions), the Automation API (inside a program), OpenTelemetry's exporters (for --tracing). Measured on two
// cores: 0.26 s of loading becomes 0.08 s, for the program and again for the policy pack.
"use strict";
const Module = require("node:module");
const path = require("node:path");

/**
 * A stand-in that loads the module at its first use.
 * @param {() => any} load
 * @param {boolean} esModule what `__esModule` answers, which the compiled import helpers ask before any use
 */
function lazy(load, esModule) {
  let loaded;
  const real = () => {
    loaded ??= load();
    return loaded;
  };
  return new Proxy(function lazyModule() {}, {
    get: (_, key) => (key === "__esModule" ? esModule : Reflect.get(real(), key)),
    has: (_, key) => Reflect.has(real(), key),
    set: (_, key, value) => Reflect.set(real(), key, value),
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Reflect.ownKeys(real())])],
    getOwnPropertyDescriptor: (target, key) =>
      Reflect.getOwnPropertyDescriptor(target, key) ?? {
        value: real()[key],
        configurable: true,
        enumerable: true,
        writable: true,
      },
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args) => Reflect.construct(real(), args),
  });
}

/** For `const { A, B } = require(...)`: taking a member does not load yet, calling or constructing it does. */
function lazyMembers(load) {
  return new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : lazy(() => load()[key], false)) });
}

const members = (load) => lazyMembers(load);
const star = (load) => lazy(load, true);
const plain = (load) => lazy(load, false);

const ownV8Hooks = () => require("./v8-hooks.cjs");

/**
 * The SDK asks for its caller's stack at every resource, and source-map-support then parses the SDK's own maps (40 ms). Node's support does
 * the same for the program's files only.
 */
const nodeSourceMaps = () => {
  Module.setSourceMapsSupport(true, { nodeModules: false });
  return {};
};

/** Which request, made from which file of @pulumi/pulumi, and how that file imports it. */
const PUT_OFF = {
  "cmd/run/index.js": { "../../runtime/closure/v8Hooks": ownV8Hooks, "source-map-support/register": nodeSourceMaps },
  "cmd/run-plugin/index.js": { "../../runtime/closure/v8Hooks": ownV8Hooks },
  "runtime/closure/v8.js": { "./v8Hooks": ownV8Hooks },
  "index.js": { "./automation": star },
  "runtime/closure/codePaths.js": { "@npmcli/arborist": star, "normalize-package-data": plain },
  "runtime/closure/parseFunction.js": { "../../typescript-shim": plain },
  "cmd/run/tracing.js": {
    "@opentelemetry/resources": members,
    "@opentelemetry/sdk-trace-base": members,
    "@opentelemetry/exporter-zipkin": members,
    "@opentelemetry/instrumentation-grpc": members,
    "@opentelemetry/sdk-trace-node": members,
    "@opentelemetry/instrumentation": members,
  },
};

const SDK = `${path.sep}@pulumi${path.sep}pulumi${path.sep}`;

/** Takes effect for everything required afterwards. */
function installLazyModules() {
  const load = Module._load;
  Module._load = function loadOrPutOff(request, parent, isMain) {
    const file = parent?.filename;
    const at = file ? file.lastIndexOf(SDK) : -1;
    const putOff = at >= 0 ? PUT_OFF[file.slice(at + SDK.length)]?.[request] : undefined;
    if (putOff === undefined) return load.call(this, request, parent, isMain);
    return putOff(() => load.call(this, request, parent, isMain));
  };
}

module.exports = { installLazyModules };
