import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb.js";

/** What `runtime.options` in Pulumi.yaml or PulumiPolicy.yaml may say. */
export interface RuntimeOptions {
  /** Load through ts-node. @default true, as in every Pulumi Node host */
  typescript: boolean;
  tsconfig: string | undefined;
  /** Flags for Node. @default none */
  nodeArgs: string[];
}

/**
 * @throws Error naming the option when its type is wrong
 * @example runtimeOptions(info).typescript // false for `runtime: {name: nodejs, options: {typescript: false}}`
 */
export function runtimeOptions(info: ProgramInfo): RuntimeOptions {
  const options: Record<string, unknown> = info.getOptions()?.toJavaScript() ?? {};
  return {
    typescript: option(options, "typescript", "boolean") ?? true,
    tsconfig: option(options, "tsconfig", "string"),
    nodeArgs: words(option(options, "nodeargs", "string") ?? ""),
  };
}

interface OptionTypes {
  boolean: boolean;
  string: string;
}

function option<T extends keyof OptionTypes>(
  options: Record<string, unknown>,
  name: string,
  type: T,
): OptionTypes[T] | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw new Error(`runtime option ${name} must be a ${type}, got ${JSON.stringify(value)}`);
  return value as OptionTypes[T];
}

/** Splits as a shell would, quotes included, without expansion. */
function words(text: string): string[] {
  const found = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return found.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}
