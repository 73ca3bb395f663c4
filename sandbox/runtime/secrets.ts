import type { ContainerDefinition, Secret } from "@aws-sdk/client-ecs";
import type { Inner } from "../cloud/index.ts";

/** Values of variables, by container and name. They live in memory and in the containers' environments only. */
export type SecretValues = ReadonlyMap<string, Readonly<Record<string, string>>>;

const FAILED =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed";
const RETRIED = "service call has been retried 1 time(s)";

/**
 * Fetches the secrets of a task's containers from Secrets Manager and Parameter Store.
 *
 * @throws Error in ECS's words where one cannot be had
 */
export function fetchSecrets(cloud: Inner, containers: readonly ContainerDefinition[]): SecretValues {
  return new Map(
    containers.map(({ name = "", secrets = [] }) => [
      name,
      Object.fromEntries(secrets.map((one) => [one.name ?? "", fetchOne(cloud, one)])),
    ]),
  );
}

function fetchOne(cloud: Inner, { valueFrom = "" }: Secret): string {
  return valueFrom.startsWith("arn:") && valueFrom.split(":")[2] === "secretsmanager"
    ? fromSecretsManager(cloud, valueFrom)
    : fromParameterStore(cloud, valueFrom);
}

/** `arn:aws:secretsmanager:region:account:secret:name`, then `:json key:label:version`, of which each may be empty. */
function fromSecretsManager(cloud: Inner, valueFrom: string): string {
  const parts = valueFrom.split(":");
  const [arn, [key, VersionStage, VersionId]] = [parts.slice(0, 7).join(":"), parts.slice(7)];
  const failed = (why: string) => new Error(`${FAILED}: unable to retrieve secret from asm: ${RETRIED}: ${why}`);
  let text: string | undefined;
  try {
    const found = cloud.secretsmanager.getSecretValue({
      SecretId: arn,
      ...(VersionStage ? { VersionStage } : {}),
      ...(VersionId ? { VersionId } : {}),
    });
    text = found.SecretString;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw failed(`failed to fetch secret ${arn} from secrets manager: ${code}: ${message}`);
  }
  if (text === undefined) throw failed(`the secret ${arn} has no string value`);
  if (!key) return text;
  const value = memberOf(text, key);
  if (value === undefined) throw failed(`retrieved secret from Secrets Manager did not contain json key ${key}`);
  return value;
}

function memberOf(text: string, key: string): string | undefined {
  try {
    const member = (JSON.parse(text) as Record<string, unknown> | null)?.[key];
    return member === undefined || typeof member === "string" ? member : JSON.stringify(member);
  } catch {
    return undefined;
  }
}

function fromParameterStore(cloud: Inner, valueFrom: string): string {
  const { Parameters = [] } = cloud.ssm.getParameters({ Names: [valueFrom], WithDecryption: true });
  const value = Parameters[0]?.Value;
  if (value !== undefined) return value;
  throw new Error(`${FAILED}: unable to retrieve secrets from ssm: ${RETRIED}: invalid ssm parameters: ${valueFrom}`);
}
