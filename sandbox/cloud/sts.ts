import type { Inner } from "./index.ts";

/** Who is asking: always the sandbox's own user. */
export class Sts {
  readonly #cloud: Inner;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  getCallerIdentity(_input: object = {}) {
    const account = this.#cloud.account;
    return { Account: account, Arn: `arn:aws:iam::${account}:user/sandbox`, UserId: "AIDASANDBOX0000000000" };
  }
}
