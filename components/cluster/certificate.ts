import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterConfig } from "../../model/config/cluster.ts";
import type { Environment } from "../environment.ts";

export interface DnsCertificateArgs {
  environment: Environment;
  domain: string;
  config: NonNullable<ClusterConfig["certificate"]>;
}

/**
 * A certificate of ACM, proven by records in Route 53; ACM renews it as long as they stay.
 *
 * @example
 * new DnsCertificate("cluster-certificate", { environment, domain, config: cluster.certificate }, { parent: this })
 */
export class DnsCertificate extends pulumi.ComponentResource {
  /** Known once it is issued. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: DnsCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:Certificate", name, { domain: args.domain, config: args.config }, opts);
    const { environment, domain, config } = args;
    const certificate = new aws.acm.Certificate(
      name,
      {
        domainName: domain,
        validationMethod: "DNS",
        ...(config.alternativeNames.length > 0 && { subjectAlternativeNames: config.alternativeNames }),
        tags: environment.tags(environment.physicalName(255, "certificate")),
      },
      { parent: this },
    );
    const records = provenNames(domain, config.alternativeNames).map((proven) => {
      const proof = certificate.domainValidationOptions.apply((options) => proofOf(proven, options));
      return new aws.route53.Record(
        `${name}-proof-${proven}`,
        {
          zoneId: config.zoneId,
          name: proof.resourceRecordName,
          type: proof.resourceRecordType,
          records: [proof.resourceRecordValue],
          ttl: 300,
          // Certificates of one account for one name share the record, and a replaced one's goes last.
          allowOverwrite: true,
        },
        { parent: this },
      );
    });
    const issued = new aws.acm.CertificateValidation(
      `${name}-issued`,
      { certificateArn: certificate.arn, validationRecordFqdns: records.map(({ fqdn }) => fqdn) },
      { parent: this },
    );
    this.arn = issued.certificateArn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** A wildcard is proven by the record of the name below it. */
function provenNames(domain: string, alternativeNames: readonly string[]): string[] {
  return [...new Set([domain, ...alternativeNames].map(bare))];
}

function proofOf<T extends { domainName: string }>(name: string, options: readonly T[]): T {
  const option = options.find(({ domainName }) => bare(domainName) === name);
  if (option === undefined) throw new Error(`ACM asks for no proof of ${name}`);
  return option;
}

function bare(name: string): string {
  return name.replace(/^\*\./, "");
}
