import path from "node:path";
import type { CommandModule, Invocation } from "../cli.ts";
import { configurationError } from "../errors.ts";
import { releasedArtifact } from "../gates/artifact.ts";
import { audit } from "../gates/audit.ts";
import { leftBehind, readAll, type Subject, type WrittenFile, writeCollected } from "../gates/collection.ts";
import { cleanCommit } from "../gates/git.ts";
import { readImage } from "../gates/image-evidence.ts";
import { gatesInForce, stackFlags } from "../gates/judgement.ts";
import { type OpenStack, openStack } from "../gates/open.ts";
import type { Pack } from "../gates/pack.ts";
import { plain } from "../gates/plain.ts";
import { type ReportArgument, readReportArguments } from "../gates/report-arguments.ts";
import { tableLines } from "../gates/table.ts";
import { unreadReports } from "../gates/unread.ts";
import { requireRegistry } from "../gates/wanted-images.ts";
import { OptionReader } from "../options.ts";
import { readChange } from "../readers/change.ts";
import { digestOfTag, hasDigest, type Repository } from "../registry-tags.ts";
import { shellQuote } from "../shell.ts";
import { adoptCloudEnvironment } from "../target.ts";

interface Asked {
  stack: string | undefined;
  sandbox: boolean;
  json: boolean;
  repository: string | undefined;
  tag: string | undefined;
  digest: string | undefined;
  artifact: string | undefined;
  /** Version that a changelog must have an entry for. */
  releaseTag: string | undefined;
  commit: string | undefined;
  change: { base: string; head: string } | undefined;
  root: string;
  environment: string | undefined;
  attach: boolean;
  reports: ReportArgument[];
}

export const run: CommandModule["run"] = async ({ args, options, output }) => {
  const asked = readAsked(args, options);
  const open = await openStack({ ...asked, output, registry: asked.artifact === undefined });
  const { target, pack } = open;
  const image = asked.artifact === undefined ? await chosenImage(open, asked) : undefined;
  const { digest, repository } = image ?? (await releasedArtifact(asked.artifact ?? "", asked.repository));
  const commit = asked.commit ?? (await cleanCommit(asked.root));
  const subject: Subject = { repository, digest, commit, tag: asked.tag ?? asked.releaseTag };
  const now = Date.now();
  const { reports, root, environment, change: diff } = asked;
  const collected = await readAll({
    subject,
    trust: pack.trust,
    reports,
    root,
    environment,
    diff,
    change: diff && (() => readChange({ cwd: root, ...diff })),
    image: image && (() => readImage(image, digest)),
    now,
  });
  const orphans = await leftBehind(pack, subject);
  const files = await writeCollected({ pack, subject, collected, leftBehind: orphans, now });
  if (orphans.length > 0) output.say(`took up ${orphans.length} files that a collect left behind which broke off`);
  await audit(pack.store, {
    action: "collection",
    subject: digest,
    at: now,
    details: {
      repository,
      tag: asked.tag,
      commit,
      files: String(files.length),
      collection: files.at(-1)?.file,
    },
  });
  const attached = asked.attach && image ? await attach(image, subject, pack, files) : [];
  show({ subject, files, attached, store: pack.store.url, json: asked.json, output });
  for (const line of unreadReports(gatesInForce(open.gates, subject.repository), collected, pack.environment)) {
    output.warn(line);
  }
  const tag = subject.tag === undefined ? "" : ` --image-tag ${subject.tag}`;
  const release = asked.artifact === undefined ? tag : ` --artifact ${shellQuote(asked.artifact)}`;
  output.say(`see what holds now: sluice gate check ${stackFlags(target)}${release} --repository ${repository}`);
  return undefined;
};

function readAsked(args: readonly string[], options: Invocation["options"]): Asked {
  const reader = new OptionReader(options);
  const matching = (name: string, pattern: RegExp, rule: string): string | undefined => {
    const text = reader.text(name);
    if (text === undefined || pattern.test(text)) return text;
    reader.mistake(`--${name}: ${rule}; got ${JSON.stringify(text.slice(0, 200))}`);
    return undefined;
  };
  const [tag, digest] = [
    reader.tag("imageTag"),
    matching("digest", /^sha256:[0-9a-f]{64}$/, "sha256: and 64 hex digits"),
  ];
  const named = ["imageTag", "digest", "artifact"].filter((name) => reader.text(name) !== undefined);
  if (named.length !== 1) reader.mistake("--image-tag, --digest, --artifact: give one of them");
  const [artifact, repository] = [reader.text("artifact"), reader.text("repository")];
  if (artifact === undefined && repository === undefined) reader.mistake("--repository: name the image's");
  if (artifact !== undefined && reader.flag("attach")) reader.mistake("--attach: only an image is in a registry");
  const { reports, mistakes } = readReportArguments(args);
  for (const mistake of mistakes) reader.mistake(mistake);
  const asked = {
    stack: reader.text("stack"),
    sandbox: reader.flag("sandbox"),
    json: reader.flag("json"),
    repository,
    tag,
    digest,
    artifact,
    releaseTag: reader.tag("releaseTag"),
    commit: matching("commit", /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "all 40 hex digits of a commit (64 with SHA-256)"),
    change: changeOf(matching("change", /^[^.\s]\S*?\.\.[^.\s]\S*$/, "BASE..HEAD, e.g. origin/main..HEAD")),
    root: path.resolve(reader.text("root") ?? "."),
    environment: matching("environment", /^[a-z][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens"),
    attach: reader.flag("attach"),
    reports,
  };
  reader.done();
  return asked;
}

function changeOf(range: string | undefined): Asked["change"] {
  if (range === undefined) return undefined;
  const at = range.indexOf("..");
  return { base: range.slice(0, at), head: range.slice(at + 2) };
}

/** An image in the registry. */
interface ChosenImage extends Pick<Repository, "url"> {
  repository: string;
  digest: string;
}

async function chosenImage({ target, settings }: OpenStack, asked: Asked): Promise<ChosenImage> {
  const registry = await requireRegistry(target, settings);
  const name = asked.repository ?? "";
  const found = Object.hasOwn(registry, name) ? registry[name] : undefined;
  adoptCloudEnvironment(target);
  if (found !== undefined) return { url: found.url, repository: name, digest: await chosenDigest(found, asked) };
  throw configurationError(`the registry has no repository ${plain(name)}`, {
    remedy: `name one of: ${Object.keys(registry).join(", ")}`,
  });
}

async function chosenDigest(repository: Repository, { tag, digest }: Asked): Promise<string> {
  const found = digest === undefined ? await digestOfTag(repository, tag ?? "") : digest;
  if (found !== undefined && (digest === undefined || (await hasDigest(repository, digest)))) return found;
  throw configurationError(`repository ${repository.name} has no image ${digest ?? tag}`, {
    remedy: "push it first: sluice push; evidence is about an image that is there",
  });
}

/** For whoever has only the image. @returns the digests of the manifests that refer to it */
async function attach({ url }: ChosenImage, { digest }: Subject, { store }: Pack, files: readonly WrittenFile[]) {
  const { attachEvidence } = await import("../gates/attach.ts");
  return attachEvidence({ repositoryUrl: url, digest, store, files: files.map(({ file }) => file) });
}

interface Shown {
  subject: Subject;
  files: readonly WrittenFile[];
  attached: readonly string[];
  store: string;
  json: boolean;
  output: Invocation["output"];
}

function show({ subject, files, attached, store, json, output }: Shown): void {
  const { repository, digest, commit } = subject;
  if (json) {
    output.json({ repository, digest, commit, evidence: store, files, attached });
    return;
  }
  const rows = files.map(({ kind, name, tool, file }) => [kind, name, tool, file].map((text) => plain(text)));
  for (const line of tableLines(["kind", "name", "tool", "file"], rows)) output.data(line);
  output.say(
    `${files.length} files of evidence on ${repository}@${digest} (commit ${commit.slice(0, 12)}) in ${plain(store)}`,
  );
  if (attached.length > 0) output.say(`attached ${attached.length} of them to the image in its registry`);
}
