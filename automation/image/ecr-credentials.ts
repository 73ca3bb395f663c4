/** Credentials for Amazon ECR, asked for only when a registry wants some. */
import { ImageError } from "./image-error.ts";
import { isLoopback } from "./reference.ts";
import type { CredentialSource, RegistryCredentials } from "./registry-auth.ts";

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings-endpoints.html (also dual-stack and FIPS) */
const ECR_HOST = /^\d{12}\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;

/**
 * Where the credentials for a registry come from: ECR's token for an ECR registry, and for a registry on this machine when
 * an AWS endpoint is named too (the sandbox); none for any other.
 *
 * @param environment @default process.env
 * @example
 * await credentialsFor("000000000000.dkr.ecr.eu-west-1.amazonaws.com")?.(); // { username: "AWS", password: "..." }
 */
export function credentialsFor(
  host: string,
  environment: NodeJS.ProcessEnv = process.env,
): CredentialSource | undefined {
  const region = ECR_HOST.exec(host)?.groups?.region;
  if (region !== undefined) return () => ecrToken(region);
  const endpoint = environment.AWS_ENDPOINT_URL_ECR ?? environment.AWS_ENDPOINT_URL;
  if (isLoopback(host) && endpoint) return () => ecrToken(environment.AWS_REGION ?? "eu-west-1");
  return undefined;
}

/** @throws {ImageError} `auth` when AWS gives no token */
async function ecrToken(region: string): Promise<RegistryCredentials> {
  // Loaded here: most commands never push, and must not wait for it.
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const client = new ECRClient({ region });
  try {
    const answer = await client.send(new GetAuthorizationTokenCommand({}));
    const token = answer.authorizationData?.[0]?.authorizationToken ?? "";
    const [username = "", ...password] = Buffer.from(token, "base64").toString().split(":");
    if (username === "") throw new Error("the answer holds no token");
    return { username, password: password.join(":") };
  } catch (error) {
    const { name, message } = error as Error;
    throw new ImageError("auth", `ECR in ${region} gave no token to push with (${name}: ${message})`, {
      hint: "Check the AWS credentials, and that they allow ecr:GetAuthorizationToken",
      cause: error,
    });
  } finally {
    client.destroy();
  }
}
