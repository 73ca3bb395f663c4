import { createHash, randomUUID } from "node:crypto";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

interface Certificate {
  CertificateArn: string;
  DomainName: string;
  SubjectAlternativeNames: string[];
  KeyAlgorithm: string;
  CreatedAt: string;
}

/** A CNAME record whose presence shows that a name is one's own. */
interface ValidationOption {
  DomainName: string;
  ResourceRecord: { Name: string; Type: "CNAME"; Value: string };
}

/** https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html */
const MAX_NAMES = 10;
/** https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html */
const DOMAIN = /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/;
const MAX_COMMON_NAME = 64;

/** ACM's certificates: issued as soon as the records that prove their names are in Route 53. No key is ever made. */
export class Certificates {
  readonly #cloud: Inner;
  readonly #table: Table<Certificate>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    const missing = (arn: string) =>
      new CloudError("ResourceNotFoundException", `Could not find certificate ${arn} in account ${cloud.account}.`);
    this.#table = new Table(cloud.store, "acm-certificate", missing);
  }

  requestCertificate(input: {
    DomainName?: string;
    SubjectAlternativeNames?: string[];
    ValidationMethod?: string;
    KeyAlgorithm?: string;
  }) {
    const { DomainName = "", SubjectAlternativeNames = [] } = input;
    const names = [...new Set([DomainName, ...SubjectAlternativeNames])];
    if (input.ValidationMethod !== "DNS") {
      throw new CloudError("UnsupportedOperation", "sandbox: certificates are validated by DNS");
    }
    if (names.length > MAX_NAMES) throw new CloudError("LimitExceededException", "Too many domain names requested.");
    const wrong = names.find((name) => !DOMAIN.test(name) || name.length > 253);
    if (wrong !== undefined || DomainName.length > MAX_COMMON_NAME) {
      throw new CloudError(
        "InvalidDomainValidationOptionsException",
        `'${wrong ?? DomainName}' is no valid domain name`,
      );
    }
    const CertificateArn = `arn:aws:acm:${this.#cloud.region}:${this.#cloud.account}:certificate/${randomUUID()}`;
    const KeyAlgorithm = input.KeyAlgorithm ?? "RSA_2048";
    const CreatedAt = new Date().toISOString();
    this.#table.put(CertificateArn, { CertificateArn, DomainName, SubjectAlternativeNames, KeyAlgorithm, CreatedAt });
    return { CertificateArn };
  }

  describeCertificate(input: { CertificateArn?: string }) {
    const one = this.#table.need(input.CertificateArn);
    const names = [...new Set([one.DomainName, ...one.SubjectAlternativeNames])];
    const DomainValidationOptions = names.map((name) => validationOf(name, this.#cloud.account));
    const records = this.#cloud.route53;
    const issued = DomainValidationOptions.every(({ ResourceRecord: { Name, Value } }) =>
      records.resolves(Name, "CNAME", Value),
    );
    return { Certificate: { ...one, DomainValidationOptions, Status: issued ? "ISSUED" : "PENDING_VALIDATION" } };
  }

  deleteCertificate(input: { CertificateArn?: string }) {
    const { CertificateArn } = this.#table.need(input.CertificateArn);
    const used = this.#cloud.elb
      .listeners()
      .some(({ shape }) => shape.Certificates?.some((one) => one.CertificateArn === CertificateArn));
    if (used) throw new CloudError("ResourceInUseException", `Certificate ${CertificateArn} is in use.`);
    this.#table.remove(CertificateArn);
    return {};
  }

  /** Whether a balancer may use it; one that the sandbox does not know is somebody else's, and counts as issued. */
  usable(arn: string): boolean {
    return (
      this.#table.find(arn) === undefined ||
      this.describeCertificate({ CertificateArn: arn }).Certificate.Status === "ISSUED"
    );
  }
}

/** A name and its wildcard are proven by the same record, the same for every certificate of an account. */
function validationOf(name: string, account: string): ValidationOption {
  const base = name.replace(/^\*\./, "").toLowerCase();
  const hash = (text: string) => createHash("md5").update(text).digest("hex");
  const Value = `_${hash(`${base}${account}value`)}.acm-validations.aws.`;
  return { DomainName: name, ResourceRecord: { Name: `_${hash(base + account)}.${base}.`, Type: "CNAME", Value } };
}
