/** How a preview grows with the number of services. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { command } from "../command.ts";
import { peakMemory } from "../memory.ts";
import type { Contender } from "../pairs.ts";
import { RELEASE, ROOT, type Setting } from "../setting.ts";

/** From one size to the next; 45 is what a balancer holds at most, 90 stand on two. */
const STEPS: readonly [from: number, to: number][] = [
  [1, 10],
  [10, 45],
  [45, 90],
];
const PER_BALANCER = 45;

/** A stack file of prod with so many services, each with a release to deploy. */
function stackFile(count: number): string {
  const services = Array.from({ length: count }, (_, index) => {
    const balancer = 1 + Math.floor(index / PER_BALANCER);
    return `    s${index}: { repository: api, balancer: ${balancer}, route: { paths: ["/s${index}/*"] } }`;
  });
  return [
    "config:",
    "  aws:region: eu-west-1",
    "  sluice:network: { zones: 3, egress: nat-per-zone }",
    "  sluice:cluster:",
    "    certificateArn: arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-4000-8000-000000000002",
    "    logRetentionDays: 365",
    "    rulesPerBalancer: 150",
    `    balancers: ${Math.ceil(count / PER_BALANCER)}`,
    `  sluice:imageTag: ${RELEASE}`,
    "  sluice:services:",
    ...services,
    "",
  ].join("\n");
}

async function previewOf(setting: Setting, count: number, measure: "time" | "memory"): Promise<Contender> {
  await setting.prod();
  await setting.image(RELEASE);
  const config = path.join(setting.home, `Pulumi.services-${count}.yaml`);
  await writeFile(config, stackFile(count));
  const env = await setting.pulumiEnvironment("prod");
  const args = ["preview", "--stack", "prod", "--config-file", config, "--non-interactive"];
  const run =
    measure === "memory"
      ? () => peakMemory(setting.pulumi, args, { cwd: ROOT, env })
      : async () => void (await command(setting.pulumi, args, { cwd: ROOT, env }));
  return { label: `preview of ${count} service${count === 1 ? "" : "s"}`, run };
}

/**
 * Growth is at most linear where so many times the services cost at most so many times as much: what a preview costs
 * without any only lowers the ratio.
 */
function growth(from: number, to: number, measure: "time" | "memory"): Benchmark {
  return {
    name: measure === "time" ? `services-${to}` : `services-${to}-memory`,
    question: `What does a preview of ${to} services ${measure === "time" ? "take" : "need"} over one of ${from}?`,
    target: to / from,
    prepare: async (setting) => ({
      subject: await previewOf(setting, to, measure),
      yardstick: await previewOf(setting, from, measure),
      rounds: measure === "time" ? 5 : 3,
      ...(measure === "memory" && { unit: "MiB" }),
    }),
  };
}

export const previewGrowth: readonly Benchmark[] = STEPS.flatMap(([from, to]) => [
  growth(from, to, "time"),
  growth(from, to, "memory"),
]);
