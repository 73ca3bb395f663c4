/** How one type of resource is replayed: which calls make it, and what a look at it must then show. */
import type { Unwrap } from "@pulumi/pulumi";
import type { Clients } from "./clients.ts";

/** Identifiers that the other cloud gave, by the property of the state that holds the sandbox's: `id`, `arn`, … */
export type Made = { readonly id: string } & Readonly<Record<string, string | undefined>>;

/** What a mapping is asked about. */
export interface Subject<Inputs> {
  readonly inputs: Inputs;
  readonly made: Made;
}

export interface Mapping<Args> {
  /** Makes the resource by the calls that the provider makes. Whatever it does not look at must stand in `unsent`. */
  create(inputs: Unwrap<Args>, clients: Clients): Promise<Made>;
  /** Changes it in place. Without it, a state in which such a resource changed cannot be replayed. */
  update?(subject: Subject<Unwrap<Args>>, clients: Clients): Promise<void>;
  /** The resource as the cloud has it, in the words of the inputs. */
  read(subject: Subject<Unwrap<Args>>, clients: Clients): Promise<{ readonly [property in keyof Args]?: unknown }>;
  /** Inputs that no call carries, each with the reason. */
  readonly unsent?: { readonly [property in keyof Args]?: string };
}

/** A mapping whose types have done their work. */
export interface AnyMapping {
  create(inputs: Properties, clients: Clients): Promise<Made>;
  update?(subject: Subject<Properties>, clients: Clients): Promise<void>;
  read(subject: Subject<Properties>, clients: Clients): Promise<Properties>;
  readonly unsent?: Readonly<Record<string, string>>;
}

export type Properties = Readonly<Record<string, unknown>>;

/** Mappings by Pulumi's type token. */
export type Mappings = Readonly<Record<string, AnyMapping>>;

/**
 * @example
 * "aws:ec2/eip:Eip": mapping<aws.ec2.EipArgs>({ create, read })
 */
export function mapping<Args>(typed: Mapping<Args>): AnyMapping {
  return typed as unknown as AnyMapping;
}
