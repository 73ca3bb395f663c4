/** Whom the pack believes: who may sign what, and who people are. It stands in the pack's config, never in a stack's. */
import * as z from "zod/mini";
import { type Kind, results } from "./results.ts";

const kinds = Object.keys(results) as [Kind, ...Kind[]];
const text = z.string().check(z.minLength(1), z.maxLength(1024));

/**
 * A key, or an identity that a certificate authority vouches for (keyless signing: the workflow's OIDC identity).
 * Exactly one of `publicKey` and `keyless`.
 */
export const signer = z.strictObject({
  /** PEM, `-----BEGIN PUBLIC KEY-----`: Ed25519 or ECDSA P-256. */
  publicKey: z.optional(text),
  /** Fulcio certificate: the OIDC issuer, and the subject's URI or e-mail; `*` stands for any characters but `/`. */
  keyless: z.optional(z.strictObject({ issuer: z.url(), identity: text })),
  /** Kinds of evidence that its signature is worth something on. */
  signs: z.array(z.enum(kinds)).check(z.minLength(1)),
  /** Environments that its records of deployments, approvals and waivers may be about. @default all */
  environments: z.optional(z.array(text).check(z.minLength(1))),
  /** It is this person's own: approvals and waivers it signs are theirs. */
  login: z.optional(text),
  /** It has authenticated the person that an approval or a waiver names, as a workflow behind an environment does. */
  vouches: z.optional(z.boolean()),
});

/** Login to what is known of the person. */
export const people = z.record(
  z.string(),
  z.strictObject({
    roles: z.array(text),
    /** As they stand in commits, in any case: they tell that somebody approves their own work. */
    emails: z.array(text),
  }),
);

export const trust = z.strictObject({
  /** `file:///ABSOLUTE/PATH` or `s3://BUCKET/PREFIX`, with parameters as Pulumi's backends take them. */
  evidence: text,
  /** Signer's name to what it is. */
  signers: z.record(z.string(), signer),
  people,
  /** File with the roots of keyless signing (sigstore's trusted_root.json), relative to the pack. @default the one that sigstore ships */
  trustedRoot: z.optional(text),
});

export type Trust = z.output<typeof trust>;
export type People = z.output<typeof people>;
