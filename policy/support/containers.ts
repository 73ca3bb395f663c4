/** Containers of an ECS task definition, as policies judge them: every one, sidecars included. */
import { readDocument } from "./document.ts";
import { type Finding, quote } from "./finding.ts";
import { isRecord, type Known } from "./known.ts";

/** ECS API, ContainerDefinition: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const fields: ReadonlySet<string> = new Set(
  `command cpu credentialSpecs dependsOn disableNetworking dnsSearchDomains dnsServers dockerLabels dockerSecurityOptions
  entryPoint environment environmentFiles essential extraHosts firelensConfiguration healthCheck hostname image interactive
  links linuxParameters logConfiguration memory memoryReservation mountPoints name portMappings privileged pseudoTerminal
  readonlyRootFilesystem repositoryCredentials resourceRequirements restartPolicy secrets startTimeout stopTimeout
  systemControls ulimits user versionConsistency volumesFrom workingDirectory`.split(/\s+/),
);

/** A container and its place in the document. */
export interface Container {
  where: string;
  definition: Known;
}

/**
 * The containers of a task definition, or why they cannot be judged. ECS API, RegisterTaskDefinition, names the fields.
 *
 * @example
 * const { containers, findings } = containersOf(subject.properties);
 */
export function containersOf(properties: Known): { containers: Container[]; findings: Finding[] } {
  const where = "containerDefinitions";
  const read = readDocument(properties.containerDefinitions, where);
  if ("finding" in read) return { containers: [], findings: [read.finding] };
  if (!Array.isArray(read.value) || read.value.length === 0) {
    const remedy = "give it a JSON list of container definitions";
    return { containers: [], findings: [{ where, what: "is no list of containers", remedy }] };
  }
  const containers: Container[] = [];
  const findings: Finding[] = [];
  read.value.forEach((definition: unknown, index) => {
    const place = `${where}[${index}]`;
    if (!isRecord(definition)) {
      findings.push({ where: place, what: "is no container definition", remedy: "make it an object" });
      return;
    }
    // Other readers of the document may take a field in any case, such as `imAge`; judge and cloud must read the same.
    const odd = Object.keys(definition).filter((key) => !fields.has(key));
    for (const key of odd) {
      findings.push({ where: place, what: `has the field ${quote(key)}`, remedy: "spell fields as the ECS API does" });
    }
    containers.push({ where: `${place} ${quote(definition.name)}`, definition });
  });
  return { containers, findings };
}
