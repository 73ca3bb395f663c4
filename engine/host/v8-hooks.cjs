// Stands in for @pulumi/pulumi/runtime/closure/v8Hooks, which opens a session with V8's inspector at every start: 70 ms, and a V8 flag
// that makes the compile cache useless. Only serialized functions need the session, so here it is opened when one is met.
"use strict";
const urls = new Map();
let session;

async function openSession() {
  const inspector = require("node:inspector");
  const opened = new inspector.Session();
  opened.connect();
  // Listening first: enabling the debugger announces every script loaded so far.
  opened.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  await new Promise((resolve, reject) => {
    opened.post("Debugger.enable", (error) => (error ? reject(error) : resolve()));
  });
  return opened;
}

function getSessionAsync() {
  session ??= openSession();
  return session;
}

module.exports = {
  getSessionAsync,
  isInitializedAsync: async () => {},
  getScriptUrl: (id) => urls.get(id),
};
