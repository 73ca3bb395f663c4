/** SLSA provenance, as builders sign it: who built an image, from which commit of which repository. Pure. */
import * as z from "zod/mini";
import { provenanceType } from "./evidence.ts";
import type { Result } from "./results.ts";

const provenanceV02 = "https://slsa.dev/provenance/v0.2";
const statementTypes = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];

/** Characters. */
const longestAddress = 2048;
const text = z.string().check(z.minLength(1), z.maxLength(longestAddress));
const digests = z.record(z.string(), z.string());
const located = z.looseObject({ uri: z.optional(z.string()), digest: z.optional(digests) });
const builder = z.looseObject({ id: text });

const statement = z.looseObject({
  _type: z.string(),
  predicateType: z.string(),
  subject: z.array(z.looseObject({ digest: digests })).check(z.minLength(1)),
  predicate: z.unknown(),
});

/** https://slsa.dev/spec/v1.0/provenance */
const predicateV1 = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: text,
    externalParameters: z.looseObject({
      /** GitHub: https://actions.github.io/buildtypes/workflow/v1 */
      workflow: z.optional(z.looseObject({ repository: text })),
      /** BuildKit: https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md */
      configSource: z.optional(located),
      /** slsa-github-generator */
      source: z.optional(z.union([z.string(), located])),
    }),
    resolvedDependencies: z.optional(z.array(located)),
  }),
  runDetails: z.looseObject({
    builder,
    metadata: z.optional(z.looseObject({ startedOn: z.optional(z.string()), finishedOn: z.optional(z.string()) })),
  }),
});

/** https://slsa.dev/spec/v0.2/provenance */
const predicateV02 = z.looseObject({
  builder,
  buildType: text,
  invocation: z.looseObject({ configSource: located }),
  materials: z.optional(z.array(located)),
  metadata: z.optional(
    z.looseObject({ buildStartedOn: z.optional(z.string()), buildFinishedOn: z.optional(z.string()) }),
  ),
});

/** A statement that is no provenance that could be judged; the message begins with the field. */
export class ProvenanceError extends Error {
  override readonly name = "ProvenanceError";
}

export interface Provenance {
  /** `source` is `git+https://HOST/PATH`, without a ref and without `.git`. */
  result: Result<"provenance">;
  /** What it is about: every image digest among the subjects, once, `sha256:` and 64 hex digits. */
  digests: readonly string[];
  /** When the build ended, else when it began, milliseconds since 1970, where it says. */
  madeAt?: number;
}

/** What both versions of the predicate come down to. */
interface Claim {
  builder: string;
  buildType: string;
  /** Where the source is named: field, address, and digests that stand beside it. */
  source: { field: string; uri: string; digest: Record<string, string> };
  /** Everything else that went into the build. */
  dependencies: readonly z.output<typeof located>[];
  time: string | undefined;
}

/**
 * Reads an in-toto statement with a SLSA predicate, v1 or v0.2. Nothing is verified here but that it says one thing.
 *
 * @param value the statement, parsed
 * @throws ProvenanceError for another predicate, no subject with a SHA-256 digest, no source, no commit of it, or two
 * @example
 * provenanceOf(statement).result // { builder: "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main", … }
 */
export function provenanceOf(value: unknown): Provenance {
  const { _type, predicateType, subject, predicate } = check(statement, value, "");
  if (!statementTypes.includes(_type)) fail("_type", `"${_type}" is no in-toto statement that is known`);
  const claim = claimOf(predicateType, predicate);
  const source = repositoryOf(claim.source.uri, claim.source.field);
  const found = subject.flatMap(({ digest }) => (Object.hasOwn(digest, "sha256") ? [`sha256:${digest.sha256}`] : []));
  const wrong = found.find((digest) => !/^sha256:[0-9a-f]{64}$/.test(digest));
  if (wrong !== undefined) fail("subject", `"${wrong}" is no SHA-256 digest`);
  if (found.length === 0) fail("subject", "has no SHA-256 digest");
  const madeAt = claim.time === undefined ? undefined : timeOf(claim.time);
  return {
    result: { builder: claim.builder, source, commit: commitOf(claim, source), buildType: claim.buildType },
    digests: [...new Set(found)],
    ...(madeAt === undefined ? {} : { madeAt }),
  };
}

function claimOf(predicateType: string, predicate: unknown): Claim {
  if (predicateType === provenanceType) return claimOfV1(check(predicateV1, predicate, "predicate"));
  if (predicateType !== provenanceV02) return fail("predicateType", `"${predicateType}" is no SLSA provenance`);
  const { builder, buildType, invocation, materials, metadata } = check(predicateV02, predicate, "predicate");
  const { uri, digest } = invocation.configSource;
  const field = "predicate.invocation.configSource.uri";
  if (uri === undefined) return fail(field, "is absent: the provenance does not say from what was built");
  return {
    builder: builder.id,
    buildType,
    source: { field, uri, digest: digest ?? {} },
    dependencies: materials ?? [],
    time: metadata?.buildFinishedOn ?? metadata?.buildStartedOn,
  };
}

function claimOfV1({ buildDefinition, runDetails }: z.output<typeof predicateV1>): Claim {
  const { workflow, configSource, source } = buildDefinition.externalParameters;
  const named = typeof source === "string" ? { uri: source } : source;
  const [field, found] =
    workflow !== undefined
      ? ["workflow.repository", { uri: workflow.repository }]
      : configSource?.uri !== undefined
        ? ["configSource.uri", configSource]
        : ["source", named];
  const place = `predicate.buildDefinition.externalParameters.${field}`;
  if (found?.uri === undefined) return fail(place, "is absent: the provenance does not say from what was built");
  const digest = "digest" in found ? (found.digest ?? {}) : {};
  return {
    builder: runDetails.builder.id,
    buildType: buildDefinition.buildType,
    source: { field: place, uri: found.uri, digest },
    dependencies: buildDefinition.resolvedDependencies ?? [],
    time: runDetails.metadata?.finishedOn ?? runDetails.metadata?.startedOn,
  };
}

/** The one commit that is named for the source, beside it or among the dependencies. */
function commitOf({ source, dependencies }: Claim, repository: string): string {
  const own = dependencies.filter(({ uri }) => uri !== undefined && sameRepository(uri, repository));
  const sets = [source.digest, ...own.map(({ digest }) => digest ?? {})];
  const commits = new Set(
    sets.flatMap((set) => ["gitCommit", "sha1"].flatMap((name) => (Object.hasOwn(set, name) ? [set[name]] : []))),
  );
  const [commit, ...others] = commits;
  if (commit === undefined) return fail(source.field, `no commit of ${repository} is named`);
  if (others.length > 0) return fail(source.field, `several commits of ${repository} are named`);
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return fail(source.field, `"${commit}" is no commit`);
  return commit;
}

function sameRepository(uri: string, repository: string): boolean {
  try {
    return repositoryOf(uri, "") === repository;
  } catch {
    return false;
  }
}

/** One spelling for each repository: without `git+` twice, ref, `.git` and slash at the end. */
function repositoryOf(uri: string, field: string): string {
  if (uri.length > longestAddress) return fail(field, "is too long for an address");
  let url: URL;
  try {
    url = new URL(uri.replace(/^git\+/, ""));
  } catch {
    return fail(field, `"${uri}" is no address`);
  }
  if (url.protocol !== "https:") return fail(field, `"${uri}" is no https address`);
  if (url.username !== "" || url.password !== "") return fail(field, "has a user or a password in it");
  const path = url.pathname
    .replace(/@.*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  if (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(path)) return fail(field, `"${uri}" names no repository`);
  return `git+https://${url.host}${path}`;
}

function timeOf(time: string): number {
  const at = /^\d{4}-\d{2}-\d{2}T/.test(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? fail("predicate", `"${time}" is no time`) : at;
}

function check<S extends z.core.$ZodType>(schema: S, value: unknown, place: string): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = [place, ...(issue?.path ?? [])].filter((part) => part !== "").join(".");
  return fail(field === "" ? "statement" : field, issue?.message ?? "is wrong");
}

function fail(field: string, reason: string): never {
  throw new ProvenanceError(field === "" ? reason : `${field}: ${reason}`);
}
