/** Turns a subject, a pure judging function and what is said about it, into a policy of the policy SDK. */
import type {
  EnforcementLevel,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  Severity,
  StackValidationPolicy,
} from "@pulumi/policy";
import { environmentOf, stackOf } from "../../model/environment-of.ts";
import { type Finding, formatFinding } from "./finding.ts";
import { type Known, knownProperties } from "./known.ts";
import { configSchemaOf, type Setting, type Settings, settingsFor } from "./settings.ts";

/** Where a resource is judged: its URN says so, nothing else. */
export interface Place {
  stack: string;
  environment: string;
  /** The environment of another name, as the pack's config maps it. */
  environmentOf(name: string): string;
}

/** A resource to judge. */
export interface Subject {
  name: string;
  type: string;
  properties: Known;
  /** Properties that the engine leaves alone: `ignoreChanges`. */
  ignored: readonly string[];
}

interface About<S extends Record<string, Setting>> {
  name: string;
  /** One sentence: what is refused. */
  description: string;
  severity: Severity;
  /** How to mend a violation. */
  remedy: string;
  tags: string[];
  /** Settings with their strictest values; the pack's config may relax them per environment. */
  settings: S;
}

export interface ResourceSubject<S extends Record<string, Setting>> extends About<S> {
  /** Type tokens, or `all`. */
  types: readonly string[] | "all";
  judge(subject: Subject, settings: Settings<S>, place: Place): Finding[] | Promise<Finding[]>;
}

/**
 * A policy over single resources of the given types.
 *
 * @example
 * export const logsKept = resourcePolicy({ name: "logs-kept", types: ["aws:cloudwatch/logGroup:LogGroup"], ... })
 */
export function resourcePolicy<const S extends Record<string, Setting>>(
  about: ResourceSubject<S>,
): ResourceValidationPolicy {
  const validate = (args: ResourceValidationArgs, report: ReportViolation): Promise<void> | undefined => {
    if (about.types !== "all" && !about.types.includes(args.type)) {
      args.notApplicable(`only for ${about.types.join(", ")}`);
    }
    const { settings, level, problems, place } = settingsOf(about, args.urn, args.getConfig());
    if (level === "disabled") args.notApplicable("disabled for this environment");
    const subject = {
      name: args.name,
      type: args.type,
      properties: knownProperties(args.props),
      ignored: args.opts.ignoreChanges,
    };
    const tell = (findings: Finding[]) => publish([...problems, ...findings], args.name, level, report);
    const found = about.judge(subject, settings, place);
    if (found instanceof Promise) return found.then(tell);
    tell(found);
    return undefined;
  };
  // The SDK then skips resources of other types without unpacking them.
  if (about.types !== "all" && about.types.length === 1) Object.assign(validate, { __pulumiType: about.types[0] });
  return { ...describe(about), validateResource: validate };
}

/** A resource among the others of its stack. */
export interface Member extends Subject {
  urn: string;
  /** Per property, the URNs of the resources that its value comes from. */
  comesFrom: Readonly<Record<string, readonly string[]>>;
}

export interface StackSubject<S extends Record<string, Setting>> extends About<S> {
  judge(members: readonly Member[], settings: Settings<S>): (Finding & { urn?: string })[];
}

/** A policy over a stack as a whole; the engine asks it after all resources, in previews and in updates. */
export function stackPolicy<const S extends Record<string, Setting>>(about: StackSubject<S>): StackValidationPolicy {
  return {
    ...describe(about),
    validateStack(args, report) {
      const [first] = args.resources;
      if (first === undefined) return args.notApplicable("the stack is empty");
      const { settings, level, problems } = settingsOf(about, first.urn, args.getConfig());
      if (level === "disabled") return args.notApplicable("disabled for this environment");
      const findings: (Finding & { urn?: string })[] = about.judge(args.resources.map(memberOf), settings);
      for (const finding of [...findings, ...problems] as typeof findings) {
        publish([finding], nameOf(finding, args.resources), level, report, finding.urn);
      }
    },
  };
}

function memberOf(resource: PolicyResource): Member {
  const sources = Object.entries(resource.propertyDependencies);
  return {
    urn: resource.urn,
    name: resource.name,
    type: resource.type,
    properties: knownProperties(resource.props),
    ignored: resource.opts.ignoreChanges,
    comesFrom: Object.fromEntries(sources.map(([property, found]) => [property, found.map(({ urn }) => urn)])),
  };
}

function nameOf(finding: Finding & { urn?: string }, resources: readonly PolicyResource[]): string {
  return resources.find(({ urn }) => urn === finding.urn)?.name ?? "stack";
}

function describe<S extends Record<string, Setting>>(about: About<S>) {
  return {
    name: about.name,
    description: about.description,
    severity: about.severity,
    remediationSteps: about.remedy,
    tags: ["sluice", ...about.tags],
    url: `docs/policies.md#${about.name}`,
    enforcementLevel: "mandatory" as const,
    configSchema: configSchemaOf(about.settings),
  };
}

function settingsOf<S extends Record<string, Setting>>(about: About<S>, urn: string, config: object) {
  const stack = stackOf(urn);
  const { stacks, environment, ...found } = settingsFor(about.settings, config as Record<string, unknown>, stack);
  return { ...found, place: { stack, environment, environmentOf: (name: string) => environmentOf(name, stacks) } };
}

/**
 * An unknown value is a remark, never a refusal: it stands in previews only. In an update the engine has the provider
 * check the inputs first, and rejects unknown values in its answer; what a policy sees then is known, or missing.
 */
function publish(
  findings: readonly Finding[],
  resource: string,
  level: EnforcementLevel | undefined,
  report: ReportViolation,
  urn?: string,
): void {
  // The SDK takes an object too, which sets the level of one violation and keeps the message on one line; its types
  // only name the text.
  const reportObject = report as unknown as (violation: object) => void;
  for (const finding of findings) {
    const enforcementLevel = finding.undecided || finding.remark ? "advisory" : level;
    reportObject({ message: formatFinding(resource, finding), enforcementLevel, urn });
  }
}
