/** Looks up what a service's configuration refers to by name: versions of secrets, and sidecars' repositories. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../../model/config/service.ts";
import { type HeldReferences, heldReferences } from "../../model/images/held-references.ts";
import { type SecretReference, toPin, valueFrom } from "../../model/secret-reference.ts";
import type { Colour, Plan } from "../../model/traffic.ts";
import type { Foundation } from "../foundation.ts";
import type { RepositoryOutputs } from "../registry.ts";
import type { StackState } from "./stack-state.ts";

/**
 * The configuration with every secret that is to be pinned named by the id of one version. Only the versions' labels are
 * read, never a value: `secretsmanager:ListSecretVersionIds` is enough.
 *
 * @throws pulumi.RunError where no version carries the label
 */
export async function pinSecrets(name: string, config: ServiceConfig): Promise<ServiceConfig> {
  const pinAll = async (field: string, secrets: ServiceConfig["secrets"]) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(secrets).map(async ([variable, one]) => [variable, await pinned(`${field}.${variable}`, one)]),
      ),
    ) as ServiceConfig["secrets"];
  const sidecars = Object.entries(config.sidecars).map(async ([sidecar, one]) => {
    const secrets = await pinAll(`services.${name}.sidecars.${sidecar}.secrets`, one.secrets);
    return [sidecar, { ...one, secrets }] as const;
  });
  return {
    ...config,
    secrets: await pinAll(`services.${name}.secrets`, config.secrets),
    sidecars: Object.fromEntries(await Promise.all(sidecars)),
  };
}

async function pinned(field: string, reference: SecretReference): Promise<SecretReference> {
  const wanted = toPin(reference);
  if (wanted === undefined) return reference;
  const { arn, stage } = wanted;
  const found = await aws.secretsmanager
    .getSecretVersions({ secretId: arn, region: arn.split(":")[3] ?? "" })
    .then(({ versions }) => versions.find(({ versionStages }) => versionStages.includes(stage)))
    .catch((error: Error) => {
      const why = error.message.split("\n")[0];
      throw refused(field, `whose versions can be listed; got ${arn}`, `create it, or allow the look-up (${why})`);
    });
  if (found === undefined)
    throw refused(field, `a version of which is labelled ${stage}; got ${arn}`, "label one, or name another stage");
  return valueFrom(reference, found.versionId);
}

function refused(field: string, rule: string, remedy: string): pulumi.RunError {
  return new pulumi.RunError(`configuration error:\n  ${field}: a secret ${rule}; ${remedy}`);
}

/**
 * The repositories of a service's sidecars, each of which must hold the digest that is asked for.
 *
 * @throws pulumi.RunError where one does not
 */
export async function sidecarRepositories(
  name: string,
  { sidecars }: ServiceConfig,
  foundation: Foundation,
): Promise<Readonly<Record<string, RepositoryOutputs>>> {
  const found = Object.entries(sidecars).map(async ([sidecar, { image }]) => {
    const [repositoryName = "", imageDigest = ""] = image.split("@");
    const repository = await foundation.repository(repositoryName);
    await aws.ecr
      .getImage({ repositoryName: repository.name, registryId: repository.registryId, imageDigest })
      .catch((error: Error) => {
        throw new pulumi.RunError(
          `configuration error:\n  services.${name}.sidecars.${sidecar}.image: an image in repository ${repositoryName}; ` +
            `got "${image}"; push it first (sluice push), or name another digest (${error.message.split("\n")[0]})`,
        );
      });
    return [repositoryName, repository] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** What the colours that an update leaves alone refer to: their tasks may start at any time. */
export function keptReferences(state: StackState, name: string, plan: Plan): HeldReferences {
  const kept = (["blue", "green"] as const)
    .filter((colour) => plan.colours[colour].action === "keep")
    .map((colour) => heldBy(state, name, colour));
  return { secrets: kept.flatMap(({ secrets }) => secrets), images: kept.flatMap(({ images }) => images) };
}

/** What the task definition of a colour in the state refers to. */
export function heldBy(state: StackState, name: string, colour: Colour): HeldReferences {
  const resource = state.find("aws:ecs/taskDefinition:TaskDefinition", `${name}-${colour}-task`);
  return heldReferences(resource?.containerDefinitions);
}
