/** Containers: what a break-in would find. */
import { type Container, containersOf } from "./support/containers.ts";
import { resourcePolicy } from "./support/definition.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { isRecord, type Known, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

export const containersHardened = resourcePolicy({
  name: "containers-hardened",
  description: "Containers run as a user other than root, on a read-only root file system, without extra privileges.",
  severity: "high",
  remedy: "Set user and readonlyRootFilesystem in every container, and write only to declared volumes.",
  tags: ["hardening", "ecs"],
  settings: {},
  types: [types.taskDefinition],
  judge: ({ properties }) => judgeHardening(properties),
});

/**
 * Judges how a task definition's containers are confined.
 *
 * @example
 * judgeHardening({ networkMode: "awsvpc", containerDefinitions: '[{"name":"api","privileged":true}]' })
 */
export function judgeHardening(properties: Known): Finding[] {
  const { containers, findings } = containersOf(properties);
  return [...findings, ...judgeTask(properties), ...containers.flatMap(judgeContainer)];
}

function judgeTask({ networkMode, pidMode, ipcMode, volumes }: Known): Finding[] {
  const shared = (value: unknown) => value === undefined || value === "task" || value === "none";
  return [
    ...demand(
      networkMode,
      (value) => value === "awsvpc",
      "networkMode",
      `is ${quote(networkMode ?? "bridge")}, so tasks share their host's network`,
      'set it to "awsvpc"',
    ),
    ...demand(
      pidMode,
      shared,
      "pidMode",
      `is ${quote(pidMode)}, so the task sees the host's processes`,
      "leave it out",
    ),
    ...demand(ipcMode, shared, "ipcMode", `is ${quote(ipcMode)}, so the task shares the host's memory`, "leave it out"),
    ...judgeVolumes(volumes),
  ];
}

/** Files of the host, or of a Docker driver of its own, are a way out of the container. */
function judgeVolumes(volumes: unknown): Finding[] {
  const list = records(volumes);
  if (list === unknown) return [undecided("volumes")];
  const remedy = "name the volume only: it is then empty, and gone with the task";
  return list.flatMap(({ name, hostPath, dockerVolumeConfiguration }, index) => {
    const where = `volumes[${index}] ${quote(name)}`;
    const own = (value: unknown) => value === undefined || value === null || value === "";
    return [
      ...demand(hostPath, own, where, `is ${quote(hostPath)} of the host`, remedy),
      ...demand(dockerVolumeConfiguration, own, where, "is a Docker volume of the host", remedy),
    ];
  });
}

function judgeContainer({ where, definition }: Container): Finding[] {
  const { user, privileged, readonlyRootFilesystem, linuxParameters } = definition;
  const findings: Finding[] = [];
  const wrong = (what: string, remedy: string) => findings.push({ where, what, remedy });
  if (!isUnprivileged(user)) {
    wrong(
      user === undefined ? "runs as the image's user, root unless it says otherwise" : `runs as ${quote(user)}`,
      'set user, e.g. to "65532"',
    );
  }
  if (readonlyRootFilesystem !== true) wrong("may write to its root file system", "set readonlyRootFilesystem to true");
  if (privileged !== undefined && privileged !== false) wrong("is privileged", "remove privileged");
  const capabilities =
    isRecord(linuxParameters) && isRecord(linuxParameters.capabilities) ? linuxParameters.capabilities : {};
  const added = [capabilities.add ?? []].flat();
  if (added.length > 0) wrong(`adds the capabilities ${quote(added)}`, "remove capabilities.add");
  return findings;
}

/** ECS API, ContainerDefinition, user: a name or number, with a group after a colon. */
function isUnprivileged(user: unknown): boolean {
  const [, name] = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)(?::[A-Za-z0-9_.-]+)?$/.exec(String(user ?? "")) ?? [];
  return name !== undefined && name !== "root" && !/^0+$/.test(name);
}
