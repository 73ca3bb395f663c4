/** Certificates, names, and the firewall in front of the balancer. */
import {
  DescribeCertificateCommand,
  ListTagsForCertificateCommand,
  RequestCertificateCommand,
} from "@aws-sdk/client-acm";
import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand } from "@aws-sdk/client-route-53";
import { AssociateWebACLCommand, GetWebACLForResourceCommand } from "@aws-sdk/client-wafv2";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

const certificate = mapping<aws.acm.CertificateArgs>({
  async create(inputs, { acm }) {
    const { CertificateArn } = await call(acm, RequestCertificateCommand, {
      DomainName: required(inputs.domainName),
      SubjectAlternativeNames: inputs.subjectAlternativeNames,
      ValidationMethod: inputs.validationMethod,
      KeyAlgorithm: inputs.keyAlgorithm,
      Tags: tagList(inputs.tags),
    });
    return { id: required(CertificateArn), arn: CertificateArn };
  },
  async read({ made }, { acm }) {
    const { Certificate } = await call(acm, DescribeCertificateCommand, { CertificateArn: made.id });
    const { Tags } = await call(acm, ListTagsForCertificateCommand, { CertificateArn: made.id });
    return {
      domainName: Certificate?.DomainName,
      // ACM counts the domain itself among them.
      subjectAlternativeNames: Certificate?.SubjectAlternativeNames?.filter((name) => name !== Certificate.DomainName),
      validationMethod: Certificate?.DomainValidationOptions?.[0]?.ValidationMethod,
      keyAlgorithm: Certificate?.KeyAlgorithm,
      tags: tagMap(Tags),
    };
  },
});

/** Nothing is made: the provider waits until the certificate is issued. */
const validation = mapping<aws.acm.CertificateValidationArgs>({
  async create(inputs, { acm }) {
    await call(acm, DescribeCertificateCommand, { CertificateArn: inputs.certificateArn });
    return { id: inputs.certificateArn };
  },
  async read({ made }, { acm }) {
    const { Certificate } = await call(acm, DescribeCertificateCommand, { CertificateArn: made.id });
    return { certificateArn: Certificate?.CertificateArn };
  },
  unsent: { validationRecordFqdns: "names that the provider compares with the certificate's" },
});

const record = mapping<aws.route53.RecordArgs>({
  async create(inputs, { route53 }) {
    const alias = inputs.aliases?.[0];
    await call(route53, ChangeResourceRecordSetsCommand, {
      HostedZoneId: inputs.zoneId,
      ChangeBatch: {
        Changes: [
          {
            Action: "CREATE",
            ResourceRecordSet: {
              Name: inputs.name,
              Type: inputs.type,
              TTL: inputs.ttl,
              ResourceRecords: inputs.records?.map((Value) => ({ Value })),
              AliasTarget: alias && {
                DNSName: alias.name,
                HostedZoneId: alias.zoneId,
                EvaluateTargetHealth: alias.evaluateTargetHealth,
              },
            },
          },
        ],
      },
    });
    return { id: `${inputs.zoneId}_${inputs.name}_${inputs.type}` };
  },
  async read({ inputs }, { route53 }) {
    const { ResourceRecordSets } = await call(route53, ListResourceRecordSetsCommand, { HostedZoneId: inputs.zoneId });
    const bare = (name: string | undefined) => name?.replace(/\.$/, "");
    const found = ResourceRecordSets?.find((one) => bare(one.Name) === bare(inputs.name) && one.Type === inputs.type);
    const alias = found?.AliasTarget;
    return {
      zoneId: found && inputs.zoneId,
      // The API ends every name in a dot, which a name need not have.
      name: found && inputs.name,
      type: found?.Type,
      ttl: found?.TTL,
      records: found?.ResourceRecords?.map(({ Value }) => Value),
      aliases: alias && [
        { name: bare(alias.DNSName), zoneId: alias.HostedZoneId, evaluateTargetHealth: alias.EvaluateTargetHealth },
      ],
    };
  },
  unsent: { allowOverwrite: "whether the provider asks for CREATE or for UPSERT" },
});

const webAclAssociation = mapping<aws.wafv2.WebAclAssociationArgs>({
  async create(inputs, { wafv2 }) {
    await call(wafv2, AssociateWebACLCommand, { WebACLArn: inputs.webAclArn, ResourceArn: inputs.resourceArn });
    return { id: `${inputs.webAclArn},${inputs.resourceArn}` };
  },
  async read({ inputs }, { wafv2 }) {
    const { WebACL } = await call(wafv2, GetWebACLForResourceCommand, { ResourceArn: inputs.resourceArn });
    return { webAclArn: WebACL?.ARN, resourceArn: WebACL && inputs.resourceArn };
  },
});

export const domainMappings: Mappings = {
  "aws:acm/certificate:Certificate": certificate,
  "aws:acm/certificateValidation:CertificateValidation": validation,
  "aws:route53/record:Record": record,
  "aws:wafv2/webAclAssociation:WebAclAssociation": webAclAssociation,
};
