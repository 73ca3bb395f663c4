/** Checks an existing VPC before anything is declared in it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ConfigProblem, formatProblems } from "../../model/config/config.ts";
import type { ExistingVpc } from "../../model/config/network.ts";

/**
 * Looks up what a configuration says of an existing VPC: its range, that its subnets belong to it, and that each side
 * has two zones, which a balancer needs and an outage of one asks for.
 *
 * @throws pulumi.RunError with everything that is not so
 * @example
 * await checkExistingVpc(config.network?.vpc)
 */
export async function checkExistingVpc(vpc: ExistingVpc | undefined): Promise<void> {
  if (vpc === undefined) return;
  const [found, publicSide, privateSide] = await Promise.all([
    lookUp("network.vpc.id", vpc.id, aws.ec2.getVpc({ id: vpc.id })),
    Promise.all(vpc.publicSubnets.map((id) => lookUp("network.vpc.publicSubnets", id, aws.ec2.getSubnet({ id })))),
    Promise.all(vpc.privateSubnets.map((id) => lookUp("network.vpc.privateSubnets", id, aws.ec2.getSubnet({ id })))),
  ]);
  const problems = [
    ...differs("network.vpc.cidr", "the range of the VPC", vpc.cidr, found.cidrBlock),
    ...judgeSide("network.vpc.publicSubnets", vpc.id, publicSide),
    ...judgeSide("network.vpc.privateSubnets", vpc.id, privateSide),
  ];
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(problems));
}

async function lookUp<T>(field: string, id: string, answer: Promise<T>): Promise<T> {
  return await answer.catch((error: Error) => {
    const reason = error.message.split("\n")[0];
    throw new pulumi.RunError(
      formatProblems([{ field, rule: "exists", value: JSON.stringify(id), remedy: `name another (${reason})` }]),
    );
  });
}

function differs(field: string, rule: string, value: string, found: string): ConfigProblem[] {
  return value === found ? [] : [{ field, rule, value: JSON.stringify(value), remedy: `set it to ${found}` }];
}

function judgeSide(
  field: string,
  vpcId: string,
  subnets: readonly { id: string; vpcId: string; availabilityZone: string }[],
): ConfigProblem[] {
  const foreign = subnets.flatMap(({ id, vpcId: home }) =>
    home === vpcId ? [] : [{ field, rule: `in ${vpcId}`, value: JSON.stringify(id), remedy: `it is in ${home}` }],
  );
  const zones = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
  if (zones.size >= 2) return foreign;
  return [
    ...foreign,
    { field, rule: "of two zones at least", value: JSON.stringify([...zones]), remedy: "add a subnet of another zone" },
  ];
}
