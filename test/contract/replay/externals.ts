/** What stacks name and do not make: it must be there before they are replayed. */
import { RequestCertificateCommand } from "@aws-sdk/client-acm";
import { type Clients, call } from "./clients.ts";
import type { StateResource } from "./state.ts";
import { required } from "./tags.ts";
import type { Translation } from "./translation.ts";

/** Makes certificates for all that listeners name and no stack has made. */
export async function provideExternals(
  resources: readonly StateResource[],
  clients: Clients,
  translation: Translation,
): Promise<void> {
  const made = new Set(resources.map(({ outputs }) => outputs.arn));
  const named = new Set(JSON.stringify(resources.map(({ inputs }) => inputs)).match(/arn:aws:acm:[^"]+/g));
  for (const arn of [...named].filter((one) => !made.has(one))) {
    const { CertificateArn } = await call(clients.acm, RequestCertificateCommand, { DomainName: "www.example.com" });
    translation.add(arn, required(CertificateArn));
  }
}
