import { randomUUID } from "node:crypto";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

/** A namespace as the API shows it, with the cluster that it is in. */
export interface Namespace {
  /** Which cluster: whatever the provider calls it. Every cluster named exists. */
  cluster: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  uid: string;
  resourceVersion: string;
  creationTimestamp: string;
}

type Place = Pick<Namespace, "cluster" | "name">;
type Fields = Partial<Pick<Namespace, "labels" | "annotations">>;

/** Kubernetes clusters: as far as the sandbox goes, their namespaces. */
export class Kubernetes {
  readonly #namespaces: Table<Namespace>;

  constructor(cloud: Inner) {
    this.#namespaces = new Table(
      cloud.store,
      "kubernetes-namespace",
      (key) => new CloudError("NotFound", `namespaces "${key.split("/").at(-1)}" not found`, 404),
    );
  }

  createNamespace({ cluster, name, labels = {}, annotations = {} }: Place & Fields): Namespace {
    if (this.#namespaces.find(keyOf({ cluster, name })) !== undefined) {
      throw new CloudError("AlreadyExists", `namespaces "${name}" already exists`, 409);
    }
    const creationTimestamp = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    return this.#put({
      cluster,
      name,
      labels,
      annotations,
      uid: randomUUID(),
      resourceVersion: "0",
      creationTimestamp,
    });
  }

  /** Kubernetes itself puts the label with the name there, so that selectors can name a namespace. */
  #put(namespace: Namespace): Namespace {
    const { name, labels, resourceVersion } = namespace;
    return this.#namespaces.put(keyOf(namespace), {
      ...namespace,
      labels: { ...labels, "kubernetes.io/metadata.name": name },
      resourceVersion: String(Number(resourceVersion) + 1),
    });
  }

  getNamespace(place: Place): Namespace {
    return this.#namespaces.need(keyOf(place));
  }

  updateNamespace({ cluster, name, labels = {}, annotations = {} }: Place & Fields): Namespace {
    return this.#put({ ...this.getNamespace({ cluster, name }), labels, annotations });
  }

  deleteNamespace(place: Place): void {
    this.#namespaces.remove(keyOf(place));
  }
}

const keyOf = ({ cluster, name }: Place) => `${cluster}/${name}`;
