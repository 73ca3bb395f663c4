/** Which findings govulncheck owes: by them a stream that breaks off is told from one that found nothing. */
import semver from "semver";
import * as z from "zod/mini";

const limits = z.object({ goos: z.optional(z.array(z.string())), goarch: z.optional(z.array(z.string())) });
const range = z.object({
  type: z.string(),
  events: z.optional(z.array(z.object({ introduced: z.optional(z.string()), fixed: z.optional(z.string()) }))),
});

/** A vulnerability of the Go database. Source: https://go.dev/doc/security/vuln/database */
export const osvEntry = z.object({
  id: z.string().check(z.minLength(1)),
  summary: z.optional(z.string()),
  withdrawn: z.optional(z.string()),
  affected: z.array(
    z.object({
      package: z.object({ name: z.string() }),
      ranges: z.optional(z.array(range)),
      ecosystem_specific: z.optional(z.object({ imports: z.optional(z.array(limits)) })),
    }),
  ),
});
export type OsvEntry = z.output<typeof osvEntry>;
type Affected = OsvEntry["affected"][number];

/** Versions of modules, by their paths. */
export type GoModules = ReadonlyMap<string, readonly { version?: string | undefined }[]>;

/**
 * Whether govulncheck must have a finding of a vulnerability, by its own rules: a module's version is in a range. It has
 * none of what was withdrawn, and may have none of what is limited to some platforms, for the report does not name its own.
 *
 * @example
 * isOwed(entry, new Map([["example.com/lib", [{ version: "v1.2.0" }]]]))
 */
export function isOwed({ withdrawn, affected }: OsvEntry, modules: GoModules): boolean {
  if (withdrawn !== undefined) return false;
  return affected.some((one) => {
    const versions = modules.get(one.package.name) ?? [];
    return !isLimited(one) && versions.some(({ version = "" }) => isAffected(one, version));
  });
}

function isLimited({ ecosystem_specific: specific }: Affected): boolean {
  const { imports = [] } = specific ?? {};
  return imports.length > 0 && imports.every(({ goos = [], goarch = [] }) => goos.length + goarch.length > 0);
}

/** A version that is none, such as `(devel)`, is affected by nothing: govulncheck holds it so. */
function isAffected({ ranges = [] }: Affected, written: string): boolean {
  const version = parse(written);
  if (version === null) return false;
  const known = ranges.filter(({ type }) => type === "SEMVER");
  return known.length === 0 || known.some(({ events = [] }) => events.length === 0 || isWithin(version, events));
}

const parse = (written: string) => semver.parse(written.replace(/^(?:v|go)/, ""));

type Events = NonNullable<z.output<typeof range>["events"]>;

/** The last event at or before the version says: introduced or fixed. */
function isWithin(version: semver.SemVer, events: Events): boolean {
  const past = events.flatMap(({ introduced, fixed }) => {
    const at = introduced === "0" ? new semver.SemVer("0.0.0-0") : parse(introduced ?? fixed ?? "");
    return at === null || at.compare(version) > 0 ? [] : [{ at, begins: introduced !== undefined }];
  });
  return past.toSorted((a, b) => a.at.compare(b.at)).at(-1)?.begins ?? false;
}
