/** Runs components against the engine's own mocks and records what they declare. */
import * as pulumi from "@pulumi/pulumi";
import { Environment } from "../../components/environment.ts";
import { type Config, checkConfig, formatProblems } from "../../model/config/config.ts";

/** A resource as it was declared: inputs, with unknown values left out. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

export type InvokeAnswers = Record<string, (args: Record<string, unknown>) => Record<string, unknown>>;

const answers: InvokeAnswers = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": () => ({ names: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId: "123456789012",
    arn: "arn:aws:sts::123456789012:assumed-role/deploy/session",
  }),
};

/**
 * Declares what `body` declares, waits until all of it is registered, and returns it.
 *
 * @example
 * const resources = await declare(() => new Registry("registry", args))
 */
export async function declare(body: () => unknown, invokes: InvokeAnswers = {}): Promise<Declarations> {
  const declared: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, id }) {
        declared.push({ type, name, inputs });
        return {
          id: id || `${name}-id`,
          state: { arn: `arn:mock:${type}:${name}`, name, ...computed(type, name, inputs), ...inputs },
        };
      },
      call({ token, inputs }) {
        const answer = { ...answers, ...invokes }[token];
        if (answer === undefined) throw new Error(`no answer for ${token}`);
        return answer(inputs);
      },
    },
    "sluice",
    "test",
    false,
    "organization",
  );
  acceptHooks();
  await body();
  await pulumi.runtime.disconnect();
  return new Declarations(declared);
}

/** The mocks claim to support resource hooks and lack the call that registers one. */
function acceptHooks(): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
  monitor.registerResourceHook = (_request: unknown, callback: (error: null, answer: object) => void) =>
    callback(null, {});
}

function computed(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") return { result: "s3cret" };
  if (type === "aws:ecr/repository:Repository")
    return { repositoryUrl: `registry.test/${name}`, registryId: "123456789012" };
  if (type === "aws:route53/record:Record") return { fqdn: inputs.name };
  const balancing = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
  if (type === "aws:lb/listener:Listener") return { arn: `${balancing}:listener/app/${name}/0123456789abcdef/0123` };
  if (type === "aws:lb/targetGroup:TargetGroup") return { arn: `${balancing}:targetgroup/${name}/0123456789abcdef` };
  if (type === "aws:acm/certificate:Certificate") return { domainValidationOptions: proofs(inputs) };
  return type === "aws:lb/loadBalancer:LoadBalancer" ? { dnsName: "balancer.test", zoneId: "ZBALANCER" } : {};
}

function proofs({ domainName, subjectAlternativeNames = [] }: Record<string, unknown>): Record<string, string>[] {
  return [domainName as string, ...(subjectAlternativeNames as string[])].map((name) => {
    const base = name.replace(/^\*\./, "");
    return {
      domainName: name,
      resourceRecordName: `_proof.${base}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_value.${base}.`,
    };
  });
}

/** What was declared, to be asked. */
export class Declarations {
  readonly all: readonly Declared[];

  constructor(all: readonly Declared[]) {
    this.all = all;
  }

  /** Inputs of the one resource of that name and short type, e.g. `lb/listenerRule`. */
  one(kind: string, name: string): Record<string, unknown> {
    const found = this.all.filter((one) => one.name === name && one.type.includes(`:${kind}:`));
    if (found.length !== 1)
      throw new Error(`${found.length} resources ${kind} ${name}; there are ${this.names(kind).join(", ")}`);
    return (found[0] as Declared).inputs;
  }

  names(kind: string): string[] {
    return this.all.filter((one) => one.type.includes(`:${kind}:`)).map((one) => one.name);
  }
}

export const environment = new Environment({ project: "sluice", stack: "test", name: "test", region: "eu-west-1" });

/** A configuration with its defaults filled in. */
export function configOf(raw: Record<string, unknown>): Config {
  const { config, problems } = checkConfig(raw);
  if (config === undefined) throw new Error(formatProblems(problems));
  return config;
}
