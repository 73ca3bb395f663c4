import { createHash } from "node:crypto";
import type * as Sdk from "@aws-sdk/client-ssm";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

/** Kind of the documents that hold parameters' values. */
export const PARAMETER_KIND = "ssm.parameter";

interface ParameterDoc {
  name: string;
  type: Sdk.ParameterType;
  keyId?: string;
  /** Values, the oldest first; a version is a place in the list, from 1. */
  values: string[];
  changedAt: number;
}

/** Characters of a value: standard tier. */
const MAX_VALUE = 4096;

/** Parameter Store: plain and secure strings with versions. Labels, policies and tiers are not there. */
export class Ssm {
  readonly #cloud: Inner;
  readonly #parameters: Table<ParameterDoc>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#parameters = new Table(cloud.store, PARAMETER_KIND, (name) => new CloudError("ParameterNotFound", name));
  }

  putParameter(input: Sdk.PutParameterRequest): Sdk.PutParameterResult {
    const [name = "", value = ""] = [input.Name, input.Value];
    if (!/^[A-Za-z0-9_./-]{1,1011}$/.test(name)) {
      throw new CloudError(
        "ValidationException",
        'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive). It may hold letters, digits and .-_/ only.',
      );
    }
    if (value === "") throw new CloudError("ValidationException", "The value of a parameter cannot be empty.");
    if (value.length > MAX_VALUE) {
      throw new CloudError(
        "ValidationException",
        `Standard tier parameters support a maximum parameter value of ${MAX_VALUE} characters.`,
      );
    }
    const before = this.#parameters.find(name);
    if (before !== undefined && input.Overwrite !== true) {
      throw new CloudError(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      );
    }
    const type = input.Type ?? before?.type;
    if (type === undefined) throw new CloudError("ValidationException", "A parameter type is required.");
    const doc: ParameterDoc = {
      name,
      type,
      ...(input.KeyId === undefined ? {} : { keyId: input.KeyId }),
      values: [...(before?.values ?? []), value],
      changedAt: Date.now(),
    };
    this.#parameters.put(name, doc);
    return { Version: doc.values.length, Tier: "Standard" };
  }

  getParameter(input: Sdk.GetParameterRequest): Sdk.GetParameterResult {
    return { Parameter: this.#read(input.Name ?? "", input.WithDecryption === true) };
  }

  getParameters(input: Sdk.GetParametersRequest): Sdk.GetParametersResult {
    const Parameters: Sdk.Parameter[] = [];
    const InvalidParameters: string[] = [];
    for (const name of input.Names ?? []) {
      try {
        Parameters.push(this.#read(name, input.WithDecryption === true));
      } catch {
        InvalidParameters.push(name);
      }
    }
    return { Parameters, InvalidParameters };
  }

  describeParameters(input: Sdk.DescribeParametersRequest): Sdk.DescribeParametersResult {
    if (input.Filters?.length || input.ParameterFilters?.length) {
      throw new CloudError("InvalidFilterKey", "sandbox: DescribeParameters takes no filters");
    }
    const Parameters = this.#parameters.list().map(({ name, type, keyId, values, changedAt }) => ({
      Name: name,
      ARN: this.#arn(name),
      Type: type,
      KeyId: keyId,
      Version: values.length,
      LastModifiedDate: new Date(changedAt),
    }));
    return { Parameters };
  }

  deleteParameter(input: Sdk.DeleteParameterRequest): Sdk.DeleteParameterResult {
    this.#parameters.remove(input.Name);
    return {};
  }

  /** @param wanted name or ARN, and a version after a colon */
  #read(wanted: string, decrypt: boolean): Sdk.Parameter {
    const plain = wanted.replace(/^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/, "");
    const [name = "", selector] = plain.split(":");
    // An ARN does not tell whether the name began with a slash.
    const doc = this.#parameters.find(name) ?? this.#parameters.need(name.replace(/^\//, ""));
    const version = selector === undefined ? doc.values.length : Number(selector);
    const value = doc.values[version - 1];
    if (value === undefined) throw new CloudError("ParameterVersionNotFound", wanted);
    const hidden = doc.type === "SecureString" && !decrypt;
    return {
      Name: doc.name,
      ARN: this.#arn(doc.name),
      Type: doc.type,
      Value: hidden ? createHash("sha256").update(`${doc.name}:${version}`).digest("base64") : value,
      Version: version,
      LastModifiedDate: new Date(doc.changedAt),
      DataType: "text",
    };
  }

  #arn(name: string): string {
    return `arn:aws:ssm:${this.#cloud.region}:${this.#cloud.account}:parameter/${name.replace(/^\//, "")}`;
  }
}
