import type * as Sdk from "@aws-sdk/client-ecs";
import { type ClusterDoc, KIND, lastPart, type ServiceDoc, serviceArnOf, type TaskDoc } from "./ecs-model.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

/** Clusters, tags, and look-ups that the parts of `Ecs` share. */
export class EcsBase {
  protected readonly cloud: Inner;

  constructor(cloud: Inner) {
    this.cloud = cloud;
  }

  createCluster(input: Sdk.CreateClusterRequest): Sdk.CreateClusterResponse {
    const name = input.clusterName ?? "default";
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) {
      throw new CloudError("InvalidParameterException", "Identifier contains invalid characters or is too long");
    }
    const clusterArn = this.#arn(name);
    const doc: ClusterDoc = {
      clusterArn,
      clusterName: name,
      status: "ACTIVE",
      settings: [{ name: "containerInsights", value: "disabled" }, ...settingsOf(input.settings)].filter(
        (each, index, all) => all.findLastIndex((other) => other.name === each.name) === index,
      ),
      capacityProviders: input.capacityProviders ?? [],
    };
    this.cloud.store.put(KIND.cluster, clusterArn, doc);
    this.saveTags(clusterArn, input.tags);
    return { cluster: this.#shape(doc, ["TAGS"]) };
  }

  updateCluster(input: Sdk.UpdateClusterRequest): Sdk.UpdateClusterResponse {
    const doc = this.cluster(input.cluster);
    const settings = settingsOf(input.settings);
    doc.settings = [...doc.settings.filter((each) => !settings.some((one) => one.name === each.name)), ...settings];
    this.cloud.store.put(KIND.cluster, doc.clusterArn, doc);
    return { cluster: this.#shape(doc, []) };
  }

  /** Fargate's providers exist in every account; others would have to be made. */
  putClusterCapacityProviders(input: Sdk.PutClusterCapacityProvidersRequest): Sdk.PutClusterCapacityProvidersResponse {
    const doc = this.cluster(input.cluster);
    const providers = input.capacityProviders ?? [];
    const strategy = (input.defaultCapacityProviderStrategy ?? []).map((item) => ({
      capacityProvider: item.capacityProvider ?? "",
      weight: item.weight ?? 0,
      base: item.base ?? 0,
    }));
    const unknown = providers.find((name) => name !== "FARGATE" && name !== "FARGATE_SPOT");
    if (unknown !== undefined) {
      throw new CloudError("InvalidParameterException", `The specified capacity provider '${unknown}' was not found.`);
    }
    if (strategy.some((item) => !providers.includes(item.capacityProvider))) {
      const message = "The default strategy names a capacity provider that is not associated with the cluster.";
      throw new CloudError("InvalidParameterException", message);
    }
    if (strategy.length > 0 && strategy.every((item) => item.weight === 0)) {
      throw new CloudError("InvalidParameterException", "At least one weight of the strategy must be above 0.");
    }
    const inUse = this.services(doc.clusterArn)
      .filter((service) => service.status !== "INACTIVE")
      .flatMap(
        (service) =>
          (service as { capacityProviderStrategy?: Sdk.CapacityProviderStrategyItem[] }).capacityProviderStrategy ?? [],
      )
      .find((item) => !providers.includes(item.capacityProvider ?? ""));
    if (inUse !== undefined) {
      const message = "The specified capacity provider is in use and cannot be removed.";
      throw new CloudError("ResourceInUseException", message);
    }
    doc.capacityProviders = providers;
    doc.defaultStrategy = strategy;
    this.cloud.store.put(KIND.cluster, doc.clusterArn, doc);
    return { cluster: this.#shape(doc, []) };
  }

  describeClusters(input: Sdk.DescribeClustersRequest): Sdk.DescribeClustersResponse {
    const clusters: Sdk.Cluster[] = [];
    const failures: Sdk.Failure[] = [];
    for (const name of input.clusters ?? ["default"]) {
      const doc = this.cloud.store.get<ClusterDoc>(KIND.cluster, this.#arn(name));
      if (doc === undefined) failures.push({ arn: this.#arn(name), reason: "MISSING" });
      else clusters.push(this.#shape(doc, input.include ?? []));
    }
    return { clusters, failures };
  }

  deleteCluster(input: Sdk.DeleteClusterRequest): Sdk.DeleteClusterResponse {
    const doc = this.cluster(input.cluster);
    if (this.services(doc.clusterArn).some((service) => service.status !== "INACTIVE")) {
      throw new CloudError(
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
      );
    }
    if (this.tasks().some((task) => task.clusterArn === doc.clusterArn && task.lastStatus !== "STOPPED")) {
      throw new CloudError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
    }
    this.cloud.store.put(KIND.cluster, doc.clusterArn, { ...doc, status: "INACTIVE" });
    this.cloud.tags.drop(doc.clusterArn);
    return { cluster: { ...this.#shape(doc, []), status: "INACTIVE" } };
  }

  tagResource(input: Sdk.TagResourceRequest): Sdk.TagResourceResponse {
    this.saveTags(input.resourceArn ?? "", [...this.tagsOf(input.resourceArn ?? ""), ...(input.tags ?? [])]);
    return {};
  }

  untagResource(input: Sdk.UntagResourceRequest): Sdk.UntagResourceResponse {
    const kept = this.tagsOf(input.resourceArn ?? "").filter((tag) => !input.tagKeys?.includes(tag.key ?? ""));
    this.saveTags(input.resourceArn ?? "", kept);
    return {};
  }

  listTagsForResource(input: Sdk.ListTagsForResourceRequest): Sdk.ListTagsForResourceResponse {
    return { tags: this.tagsOf(input.resourceArn ?? "") };
  }

  /** @throws CloudError `ClusterNotFoundException` when there is none, or it was deleted */
  protected cluster(nameOrArn: string | undefined): ClusterDoc {
    const doc = this.cloud.store.get<ClusterDoc>(KIND.cluster, this.#arn(nameOrArn ?? "default"));
    if (doc?.status !== "ACTIVE") throw new CloudError("ClusterNotFoundException", "Cluster not found.");
    return doc;
  }

  /** All services, or those of a cluster. */
  services(clusterArn?: string): ServiceDoc[] {
    const all = this.cloud.store.list<ServiceDoc>(KIND.service);
    return clusterArn === undefined ? all : all.filter((service) => service.clusterArn === clusterArn);
  }

  /** All tasks, or those of a service. */
  tasks(serviceArn?: string): TaskDoc[] {
    const all = this.cloud.store.list<TaskDoc>(KIND.task);
    return serviceArn === undefined ? all : all.filter((task) => task.serviceArn === serviceArn);
  }

  protected service(cluster: string | undefined, nameOrArn: string | undefined): ServiceDoc {
    const doc = this.findService(cluster, nameOrArn ?? "");
    if (doc === undefined) throw new CloudError("ServiceNotFoundException", "Service not found.");
    return doc;
  }

  protected findService(cluster: string | undefined, nameOrArn: string): ServiceDoc | undefined {
    const { clusterArn } = this.cluster(cluster);
    return this.cloud.store.get<ServiceDoc>(KIND.service, serviceArnOf(clusterArn, lastPart(nameOrArn)));
  }

  protected tagsOf(arn: string): Sdk.Tag[] {
    return Object.entries(this.cloud.tags.read(arn)).map(([key, value]) => ({ key, value }));
  }

  protected saveTags(arn: string, tags: readonly Sdk.Tag[] | undefined): void {
    const pairs = (tags ?? []).map((tag) => [tag.key ?? "", tag.value ?? ""]);
    if (pairs.length > 0) this.cloud.tags.write(arn, Object.fromEntries(pairs));
    else this.cloud.tags.drop(arn);
  }

  #arn(nameOrArn: string): string {
    if (nameOrArn.startsWith("arn:")) return nameOrArn;
    return `arn:aws:ecs:${this.cloud.region}:${this.cloud.account}:cluster/${nameOrArn}`;
  }

  #shape(doc: ClusterDoc, include: readonly string[]): Sdk.Cluster {
    const tasks = this.tasks().filter((task) => task.clusterArn === doc.clusterArn);
    return {
      clusterArn: doc.clusterArn,
      clusterName: doc.clusterName,
      status: doc.status,
      registeredContainerInstancesCount: 0,
      runningTasksCount: tasks.filter((task) => task.lastStatus === "RUNNING").length,
      pendingTasksCount: tasks.filter((task) => ["PROVISIONING", "PENDING"].includes(task.lastStatus)).length,
      activeServicesCount: this.services(doc.clusterArn).filter((service) => service.status === "ACTIVE").length,
      statistics: [],
      tags: include.includes("TAGS") ? this.tagsOf(doc.clusterArn) : [],
      settings: include.includes("SETTINGS") || include.includes("TAGS") ? (doc.settings as Sdk.ClusterSetting[]) : [],
      capacityProviders: doc.capacityProviders,
      defaultCapacityProviderStrategy: doc.defaultStrategy ?? [],
    };
  }
}

function settingsOf(settings: readonly Sdk.ClusterSetting[] | undefined): { name: string; value: string }[] {
  return (settings ?? []).map((setting) => ({ name: setting.name ?? "", value: setting.value ?? "" }));
}
