/**
 * Gates: an image runs only where what is known of it meets them. The release is judged before anything else is
 * registered, with the stack's own gates beside the floor; every task definition is judged where it is used.
 */
import type { GatesSection } from "../model/gates/section.ts";
import { type GateVerdict, gateLine, type Verdict } from "../model/gates/verdict.ts";
import { containersOf } from "./support/containers.ts";
import { type Place, resourcePolicy, type Subject } from "./support/definition.ts";
import { type Finding, quote } from "./support/finding.ts";
import type { GateSettings } from "./support/gates.ts";
import { type ImageReference, parseImage } from "./support/image-reference.ts";
import type { NamedImage } from "./support/release-inputs.ts";
import { types } from "./support/types.ts";

/** Sluice's own component: what an update is about to run. */
export const releaseType = "sluice:release:Release";

export const imagesProven = resourcePolicy({
  name: "images-proven",
  description: "Images run only where signed evidence about them meets the gates of the environment.",
  severity: "critical",
  remedy: "Gather what is missing with `sluice gate collect`; `sluice gate explain` says what each gate wants.",
  tags: ["supply-chain", "gates"],
  settings: {
    evidence: { default: "", description: "Where evidence is kept: file:///ABSOLUTE/PATH or s3://BUCKET/PREFIX." },
    signers: { default: undefined, description: "Whose signature is worth something, by name, and on what." },
    people: { default: undefined, description: "Who may approve and waive, by login: roles and e-mail addresses." },
    trustedRoot: { default: "", description: "Roots of keyless signing, relative to the pack. Empty: sigstore's own." },
    gates: {
      default: undefined,
      description: "What must be known of an image. A stack's own gates may only add to it.",
    },
  },
  types: [releaseType, types.taskDefinition],
  judge: (subject, settings, place) =>
    (subject.type === releaseType ? judgeRelease : judgeTaskDefinition)(subject, settings, place),
});

/**
 * What releases of a stack have named in this run of the pack, a process for each preview and each update: by digest, the
 * gates that were told of in full.
 */
const named = new Map<string, Map<string, Set<string>>>();

async function judgeRelease({ properties }: Subject, settings: GateSettings, place: Place): Promise<Finding[]> {
  const { readRelease } = await import("./support/release-inputs.ts");
  const read = readRelease(properties);
  if ("findings" in read) return read.findings;
  const { environment, images, gates: own } = read.release;
  const findings = judgeEnvironment(environment, place);
  const told = named.get(place.stack) ?? new Map<string, Set<string>>();
  named.set(place.stack, told);
  for (let start = 0; start < images.length; start += atOnce) {
    const some = images.slice(start, start + atOnce).map((image) => judgeNamed(image, settings, place, own));
    for (const { digest, refused, said } of await Promise.all(some)) {
      told.set(digest, new Set(refused));
      findings.push(...said);
    }
  }
  return findings;
}

/** Images whose evidence is read at once: a stack may have ninety, and S3 answers each request in tens of milliseconds. */
const atOnce = 8;

type Own = GatesSection | undefined;

async function judgeNamed({ name, reference }: NamedImage, settings: GateSettings, place: Place, own: Own) {
  const where = `${name}:`;
  const { verdict, problems } = await judgeImage({ reference, where, settings, place, own });
  const refused = verdict?.gates.filter(({ passed }) => !passed) ?? [];
  const notices = (verdict?.notices ?? []).map((what) => notice(where, what));
  const said = [...problems, ...refused.map((gate) => gateFinding(where, gate)), ...notices];
  return { digest: reference.digest, refused: refused.map(({ gate }) => gate), said };
}

/** The stack's name in the URN decides; a release that says otherwise was made for somewhere else. */
function judgeEnvironment(said: string, { environment, stack, environmentOf }: Place): Finding[] {
  if (environmentOf(said) === environment) return [];
  const what = `is ${quote(said)}, and stack ${quote(stack)} is judged as ${quote(environment)}`;
  return [{ where: "environment", what, remedy: `set sluice:environment: ${environment}` }];
}

async function judgeTaskDefinition({ properties }: Subject, settings: GateSettings, place: Place): Promise<Finding[]> {
  const { containers, findings } = containersOf(properties);
  const told = named.get(place.stack);
  for (const { where, definition } of containers) {
    const reference = parseImage(definition.image);
    if (reference === undefined) {
      const remedy = "use REGISTRY/REPOSITORY@sha256:DIGEST: evidence is about a digest";
      findings.push({ where, what: `image ${quote(definition.image)} has no digest that could be judged`, remedy });
      continue;
    }
    if (told?.has(reference.digest) !== true) findings.push(unnamed(where, reference));
    const { verdict, problems } = await judgeImage({ reference, where, settings, place });
    const refused = verdict?.gates.filter(({ passed }) => !passed) ?? [];
    findings.push(...problems, ...inShort(where, refused, told?.get(reference.digest)));
  }
  return findings;
}

/** A stack's own gates reach the pack by its release only: what none of them names would be judged by less. */
function unnamed(where: string, { digest }: ImageReference): Finding {
  const remedy = "let Sluice's own program declare a Release first, with every image";
  return { where, what: `runs ${digest}, which no Release before it names`, remedy };
}

/** What the release was refused for need not be read again for every task definition. */
function inShort(where: string, refused: readonly GateVerdict[], told: ReadonlySet<string> = new Set()): Finding[] {
  const [again, fresh] = [refused.filter(({ gate }) => told.has(gate)), refused.filter(({ gate }) => !told.has(gate))];
  const findings = fresh.map((gate) => gateFinding(where, gate));
  if (again.length === 0) return findings;
  const gates = again.length === 1 ? "the gate" : `the ${again.length} gates`;
  return [
    ...findings,
    { where, what: `lacks the proof for ${gates} that its release is refused for`, remedy: "see there" },
  ];
}

interface JudgeImageArgs {
  reference: ImageReference;
  where: string;
  settings: GateSettings;
  place: Place;
  /** @default none */
  own?: Own;
}

/** Whatever keeps an image from being judged refuses it. */
async function judgeImage(args: JudgeImageArgs): Promise<{ verdict?: Verdict; problems: Finding[] }> {
  const { reference: image, where, settings, place, own } = args;
  const asked = { image, environment: place.environment, settings };
  try {
    const { looserThanFloor, verdictOn } = await import("./support/gates.ts");
    const looser = own === undefined ? [] : looserThanFloor(own, asked);
    const problems = looser.map(({ field, rule, value, remedy }) => ({
      where: field,
      what: `is too mild for ${place.environment}: ${rule}; got ${value}`,
      remedy,
    }));
    return { verdict: await verdictOn({ ...asked, own }), problems };
  } catch (error) {
    const { message, remedy } = error as Error & { remedy?: string };
    const mend = remedy ?? 'mend "images-proven" in policy/config.json';
    return { problems: [{ where, what: `cannot be judged: ${message}`, remedy: mend }] };
  }
}

/** As `gateLine` has it, after the image that it is about. */
function gateFinding(where: string, gate: GateVerdict): Finding {
  const { remedy = "sluice gate explain says more", ...bare } = gate;
  return { where, what: gateLine(bare), remedy };
}

function notice(where: string, what: string): Finding {
  return { where, what, remedy: "sluice gate check says more", remark: true };
}
