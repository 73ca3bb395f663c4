import type * as pulumi from "@pulumi/pulumi";

/** The value of an output of a resource that is done, which in a hook on its dependant it always is. */
export function known(value: pulumi.Input<string>): Promise<string> {
  if (typeof value === "string") return Promise.resolve(value);
  return new Promise((resolve) => {
    (value as pulumi.Output<string>).apply(resolve);
  });
}
