import { unlessGone } from "../gone.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const NO_CERTIFICATE = "ResourceNotFoundException";
/** The real provider waits 75 minutes; in milliseconds here. */
const VALIDATION_MS = 15_000;
const text: InputSpec = { type: "string" };

/** https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html */
export const certificate: ResourceType = {
  inputs: {
    domainName: { type: "string", required: true, replace: true, maxLength: 253 },
    keyAlgorithm: { type: "string", computed: true, replace: true },
    subjectAlternativeNames: { type: { set: { type: "string", maxLength: 253 } }, computed: true, replace: true },
    validationMethod: { type: "string", required: true, replace: true, oneOf: ["DNS"] },
  },
  outputs: ["arn", "domainValidationOptions", "status", "type"],
  volatile: ["status"],
  tagged: true,
  async create(inputs, ctx) {
    const { domainName, keyAlgorithm, subjectAlternativeNames, validationMethod } = inputs;
    const { CertificateArn: id } = await ctx.cloud.acm.requestCertificate({
      DomainName: domainName as string,
      ValidationMethod: validationMethod as string,
      ...(keyAlgorithm !== undefined && { KeyAlgorithm: keyAlgorithm as string }),
      ...(subjectAlternativeNames !== undefined && { SubjectAlternativeNames: subjectAlternativeNames as string[] }),
    });
    return { id, state: (await readCertificate(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readCertificate(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.acm.deleteCertificate({ CertificateArn: id }), NO_CERTIFICATE);
  },
};

async function readCertificate(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.acm.describeCertificate({ CertificateArn: id }), NO_CERTIFICATE);
  if (found === undefined) return undefined;
  const { Certificate: one } = found;
  return {
    arn: one.CertificateArn,
    domainName: one.DomainName,
    subjectAlternativeNames: one.SubjectAlternativeNames,
    keyAlgorithm: one.KeyAlgorithm,
    validationMethod: "DNS",
    status: one.Status,
    type: "AMAZON_ISSUED",
    domainValidationOptions: one.DomainValidationOptions.map(({ DomainName, ResourceRecord }) => ({
      domainName: DomainName,
      resourceRecordName: ResourceRecord.Name,
      resourceRecordType: ResourceRecord.Type,
      resourceRecordValue: ResourceRecord.Value,
    })),
  };
}

/** Nothing in the cloud: creating it waits until the certificate is issued. */
export const certificateValidation: ResourceType = {
  inputs: {
    certificateArn: { type: "string", required: true, replace: true },
    validationRecordFqdns: { type: { set: text }, replace: true, local: true },
  },
  outputs: [],
  async create(inputs, ctx) {
    const CertificateArn = inputs.certificateArn as string;
    const end = Date.now() + VALIDATION_MS;
    for (;;) {
      const { Certificate } = await ctx.cloud.acm.describeCertificate({ CertificateArn });
      if (Certificate.Status === "ISSUED") return { id: CertificateArn, state: {} };
      if (Date.now() > end) throw new Error(`waiting for ACM Certificate (${CertificateArn}) to be issued: timeout`);
      await ctx.sleep(100);
    }
  },
  async read(id, _old, ctx) {
    const one = await readCertificate(id, ctx);
    return one?.status === "ISSUED" ? { certificateArn: id } : undefined;
  },
  delete: async () => {},
};
