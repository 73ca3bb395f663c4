/** Runs checkov over resources of a state. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { installPython } from "../../support/tools.ts";
import { type Checked, terraformPlan } from "./plan.ts";

/** One check's verdict on one resource. */
export interface Verdict {
  /** Such as CKV_AWS_24. */
  readonly check: string;
  readonly title: string;
  /** Terraform's address, such as `aws_vpc.network-vpc`. */
  readonly resource: string;
}

export interface Verdicts {
  readonly passed: readonly Verdict[];
  readonly failed: readonly Verdict[];
}

interface Printed {
  readonly summary: { readonly parsing_errors: number; readonly resource_count: number };
  readonly results: { readonly [list in "passed_checks" | "failed_checks"]: readonly PrintedVerdict[] };
}

interface PrintedVerdict {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
}

/** @returns the Python that checkov is installed in */
export const installCheckov = () => installPython(import.meta.dirname);

/**
 * Its own checks alone: it asks no server for more.
 *
 * @throws Error where it did not look at every resource
 */
export async function runCheckov(resources: readonly Checked[]): Promise<Verdicts> {
  const python = await installCheckov();
  const folder = await mkdtemp(path.join(os.tmpdir(), "sluice-checkov-"));
  try {
    const plan = path.join(folder, "plan.json");
    await writeFile(plan, JSON.stringify(terraformPlan(resources)));
    const options = [
      "--framework",
      "terraform_plan",
      "--output",
      "json",
      "--compact",
      "--skip-download",
      "--soft-fail",
    ];
    const { stdout } = await execa(python, ["-m", "checkov.main", "--file", plan, ...options], { cwd: folder });
    return verdicts(JSON.parse(stdout) as Printed, resources.length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function verdicts({ summary, results }: Printed, resources: number): Verdicts {
  if (summary.parsing_errors > 0 || summary.resource_count !== resources) {
    throw new Error(`checkov read ${summary.resource_count} of ${resources} resources`);
  }
  const brief = ({ check_id: check, check_name: title, resource }: PrintedVerdict) => ({ check, title, resource });
  return { passed: results.passed_checks.map(brief), failed: results.failed_checks.map(brief) };
}
