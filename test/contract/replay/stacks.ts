/** States of stacks that the real engine has brought up on the sandbox. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { Checkout } from "../../stories/checkout.ts";
import { region } from "./clients.ts";
import { lazily } from "./lazily.ts";
import { resourcesOf, type StateResource } from "./state.ts";
import { required } from "./tags.ts";

/** States in the order in which they came about: the foundation, an environment with one colour, and with both. */
export type States = readonly [foundation: StateResource[], before: StateResource[], after: StateResource[]];

/** The stacks of the repository. */
export const productionStates = lazily(() => bringUp("prod", () => undefined));

/** Stacks that set every option there is. */
export const everythingStates = lazily(() => bringUp("everything", setEverything));

export const stackFile = (stack: string): string => path.join(import.meta.dirname, `Pulumi.${stack}.yaml`);

/** @param configure - is called before the foundation, and again when it is there, with the digest of an image */
async function bringUp(stack: string, configure: (checkout: Checkout, image?: string) => unknown): Promise<States> {
  const checkout = new Checkout();
  checkout.create();
  try {
    await configure(checkout);
    await up(checkout, "foundation");
    const foundation = await exportOf(checkout, "foundation");
    const first = await push(checkout, "v1.0.0");
    await configure(checkout, first);
    await checkout.prove(stack, first);
    await up(checkout, stack, "--image-tag", "v1.0.0");
    const before = await exportOf(checkout, stack);
    await checkout.prove(stack, await push(checkout, "v1.1.0"));
    await up(checkout, stack, "--image-tag", "v1.1.0");
    return [foundation, before, await exportOf(checkout, stack)];
  } finally {
    await checkout.remove();
  }
}

async function setEverything(checkout: Checkout, image?: string): Promise<void> {
  const put = (name: string, text: string) => writeFileSync(path.join(checkout.root, `Pulumi.${name}.yaml`), text);
  if (image === undefined) return put("foundation", readFileSync(stackFile("basis"), "utf8"));
  const secret = await putSecrets(checkout.daemon().apiPort);
  const text = readFileSync(stackFile("everything"), "utf8");
  put("everything", text.replaceAll("{secret}", secret).replaceAll("{sidecar}", `api@${image}`));
}

/** What tasks are to be given. @returns the secret's ARN, whose end is made up by the cloud */
async function putSecrets(port: number): Promise<string> {
  const credentials = { accessKeyId: "contract", secretAccessKey: "contract" };
  const config = { endpoint: `http://127.0.0.1:${port}`, region, credentials };
  const parameter = { Name: "/sluice/everything/token", Value: "token", Type: "SecureString" } as const;
  await new SSMClient(config).send(new PutParameterCommand(parameter));
  const secret = { Name: "sluice/everything/database", SecretString: JSON.stringify({ password: "password" }) };
  return required((await new SecretsManagerClient(config).send(new CreateSecretCommand(secret))).ARN);
}

function up(checkout: Checkout, stack: string, ...options: string[]): Promise<unknown> {
  return checkout.done("up", "--stack", stack, "--sandbox", "--yes", ...options);
}

/** @returns the image's digest */
async function push(checkout: Checkout, tag: string): Promise<string> {
  const options = ["--repository", "api", "--tag", tag, "--stack", "foundation", "--sandbox"];
  const { stdout } = await checkout.done("push", "examples/service", ...options);
  return stdout.trim();
}

/** With the secrets in it: they are the sandbox's own, and stay in memory. */
async function exportOf(checkout: Checkout, stack: string): Promise<StateResource[]> {
  const asked = ["stack", "export", "--show-secrets", "--stack", stack, "--sandbox"];
  const { code, stdout, stderr } = await checkout.pulumi(...asked);
  if (code !== 0) throw new Error(`the state of ${stack} cannot be exported:\n${stderr}`);
  return resourcesOf(stdout);
}
