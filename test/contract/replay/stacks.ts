/** States of stacks that the real engine has brought up on the sandbox. */
import { Checkout } from "../../stories/checkout.ts";
import { lazily } from "./lazily.ts";
import { resourcesOf, type StateResource } from "./state.ts";

/** States in the order in which they came about. */
export type States = readonly (readonly StateResource[])[];

/** The stacks of the repository: the foundation, prod with one colour, and prod after a switch, with both. */
export const productionStates = lazily(async (): Promise<States> => {
  const checkout = new Checkout();
  checkout.create();
  try {
    await up(checkout, "foundation");
    await push(checkout, "foundation", "v1.0.0");
    await up(checkout, "prod", "--image-tag", "v1.0.0");
    const before = await exportOf(checkout, "prod");
    await push(checkout, "foundation", "v1.1.0");
    await up(checkout, "prod", "--image-tag", "v1.1.0");
    return [await exportOf(checkout, "foundation"), before, await exportOf(checkout, "prod")];
  } finally {
    await checkout.remove();
  }
});

function up(checkout: Checkout, stack: string, ...options: string[]): Promise<unknown> {
  return checkout.done("up", "--stack", stack, "--sandbox", "--yes", ...options);
}

function push(checkout: Checkout, foundation: string, tag: string): Promise<unknown> {
  const options = ["--repository", "api", "--tag", tag, "--stack", foundation, "--sandbox"];
  return checkout.done("push", "examples/service", ...options);
}

/** With the secrets in it: they are the sandbox's own, and stay in memory. */
async function exportOf(checkout: Checkout, stack: string): Promise<StateResource[]> {
  const asked = ["stack", "export", "--show-secrets", "--stack", stack, "--sandbox"];
  const { code, stdout, stderr } = await checkout.pulumi(...asked);
  if (code !== 0) throw new Error(`the state of ${stack} cannot be exported:\n${stderr}`);
  return resourcesOf(stdout);
}
