// Main module of every process that the language host starts for a program or a policy pack. It is CommonJS on purpose: it must
// stand in front of the first `require` of @pulumi/pulumi, and loads faster than an ES module.
//
// It waits for one message from the host ({ run, args, env, cwd }), then becomes the ordinary entry of the Pulumi SDK.
// While it waits it loads the SDK, so that loading overlaps with what the engine does meanwhile.
"use strict";
const { installLazyModules } = require("./lazy-modules.cjs");

// The host holds the other end of this channel. When the host ends, in whatever way, the channel closes, and so do we.
process.once("disconnect", () => process.exit(143));
// The kernel's default for SIGTERM would skip exit handlers, and with them the compile cache and coverage.
process.once("SIGTERM", () => process.exit(143));

const warm = process.argv[2];
installLazyModules();

process.once("message", ({ run, args, env, cwd }) => {
  // Idle from here on as far as the event loop is concerned: the program ends when its own work ends.
  process.channel?.unref();
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.argv = [process.argv[0], run, ...args];
  require(run);
});

if (warm) {
  try {
    require(warm);
  } catch {
    // The real run loads it again, and reports what is wrong.
  }
}
