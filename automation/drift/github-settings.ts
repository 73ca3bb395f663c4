/** Reads what GitHub has: the repository's rulesets, and the environments that a stack declares. Nothing is changed. */
import type { LiveSettings, Reading } from "../../model/github/drift.ts";
import type { LiveEnvironment } from "../../model/github/environment-document.ts";
import { type GithubClient, githubFailure, refusalOf, statusOf } from "../github/client.ts";

export interface Repository {
  owner: string;
  repo: string;
}

type Document = Record<string, unknown>;

/** Highest that GitHub gives. */
const perPage = 100;

/**
 * A ruleset or environment that cannot be read is unreadable, never absent.
 *
 * @throws SluiceError (3 or 1) where the list itself cannot be read
 */
export async function readGithubSettings(
  client: GithubClient,
  repository: Repository,
  environments: readonly string[],
): Promise<LiveSettings> {
  const rulesets = await readRulesets(client, repository);
  const found = new Map<string, Reading<LiveEnvironment>>();
  for (const name of environments) {
    found.set(name, await reading(() => readEnvironment(client, repository, name)));
  }
  return { rulesets, environments: found };
}

/** Lists show neither rules nor bypass actors: each ruleset is read by itself. */
async function readRulesets(
  client: GithubClient,
  repository: Repository,
): Promise<Map<string, Reading<Record<string, unknown>>>> {
  const { repos } = client.rest;
  const listed = await client
    .paginate(repos.getRepoRulesets, { ...repository, includes_parents: false, per_page: perPage })
    .catch((error: unknown) => {
      throw githubFailure(`the rulesets of ${repository.owner}/${repository.repo}`, error);
    });
  const found = new Map<string, Reading<Document>>();
  for (const { id, name, source_type } of listed) {
    if (source_type !== undefined && source_type !== "Repository") continue;
    const read = async () =>
      (await repos.getRepoRuleset({ ...repository, ruleset_id: id })).data as unknown as Document;
    found.set(name, await reading(read));
  }
  return found;
}

async function readEnvironment(client: GithubClient, repository: Repository, name: string): Promise<LiveEnvironment> {
  const { repos } = client.rest;
  const at = { ...repository, environment_name: name };
  const { data } = await repos.getEnvironment(at);
  const custom = data.deployment_branch_policy?.custom_branch_policies === true;
  const policies = custom
    ? await client.paginate(repos.listDeploymentBranchPolicies, { ...at, per_page: perPage })
    : [];
  return { environment: data as unknown as Document, policies };
}

async function reading<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { document: await read() };
  } catch (error) {
    return statusOf(error) === 404 ? { absent: true } : { unreadable: refusalOf(error) };
  }
}
