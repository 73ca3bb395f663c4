import type { InputSpec, Invoke } from "../resource-type.ts";
import { getSubnet, getVpc } from "./network-endpoints.ts";
import { getSecretVersions } from "./secrets.ts";

const text: InputSpec = { type: "string" };
const texts: InputSpec = { type: { list: text } };

const getCallerIdentity: Invoke = {
  args: { accountId: text, arn: text, id: text, userId: text },
  async run(_args, ctx) {
    const { Account, Arn, UserId } = await ctx.cloud.sts.getCallerIdentity({});
    return { id: Account, accountId: Account, arn: Arn, userId: UserId };
  },
};

const getRegion: Invoke = {
  args: { endpoint: text, id: text, name: text, region: text },
  async run(args, ctx) {
    const name = (args.name as string | undefined) ?? ctx.region;
    return { id: name, name, region: name, description: name, endpoint: `ec2.${name}.amazonaws.com` };
  },
};

const getAvailabilityZones: Invoke = {
  args: {
    allAvailabilityZones: { type: "boolean" },
    excludeNames: texts,
    excludeZoneIds: texts,
    region: text,
    state: { type: "string", oneOf: ["available", "information", "impaired", "unavailable"] },
  },
  async run(args, ctx) {
    const { AvailabilityZones } = await ctx.cloud.ec2.describeAvailabilityZones({});
    const wanted = AvailabilityZones.filter(
      (zone) =>
        (!args.state || zone.State === args.state) &&
        !(args.excludeNames as string[] | undefined)?.includes(zone.ZoneName) &&
        !(args.excludeZoneIds as string[] | undefined)?.includes(zone.ZoneId),
    );
    return {
      ...args,
      id: ctx.region,
      region: ctx.region,
      names: wanted.map((zone) => zone.ZoneName),
      zoneIds: wanted.map((zone) => zone.ZoneId),
      groupNames: [...new Set(wanted.map((zone) => zone.GroupName))],
    };
  },
};

/** @throws when the repository or the image is not there, or not exactly one of tag, digest and most recent is asked for */
const getImage: Invoke = {
  args: {
    imageDigest: text,
    imageTag: text,
    mostRecent: { type: "boolean" },
    region: text,
    registryId: text,
    repositoryName: { type: "string", required: true },
  },
  async run(args, ctx) {
    const { repositoryName, imageTag, imageDigest, mostRecent } = args as Record<string, string | undefined>;
    if (!imageTag && !imageDigest && !mostRecent) {
      throw new Error("one of imageDigest, imageTag or mostRecent must be given");
    }
    const id = { ...(imageTag && { imageTag }), ...(imageDigest && { imageDigest }) };
    const { imageDetails = [] } = await ctx.cloud.ecrImages.describeImages({
      repositoryName,
      ...(Object.keys(id).length > 0 && { imageIds: [id] }),
    });
    const newest = imageDetails.toSorted((a, b) => Number(b.imagePushedAt ?? 0) - Number(a.imagePushedAt ?? 0))[0];
    if (newest?.imageDigest === undefined)
      throw new Error(`no image in repository ${repositoryName} matches the search`);
    return {
      ...args,
      id: newest.imageDigest,
      region: ctx.region,
      registryId: ctx.account,
      imageDigest: newest.imageDigest,
      imagePushedAt: Math.floor(Number(newest.imagePushedAt ?? 0) / 1000),
      imageSizeInBytes: newest.imageSizeInBytes ?? 0,
      imageTags: newest.imageTags ?? [],
      imageUri: `${ctx.registryHost}/${repositoryName}@${newest.imageDigest}`,
    };
  },
};

/** The sandbox has no EKS: it knows clusters by a kubeconfig's context alone. */
const getEksCluster: Invoke = {
  args: { name: { type: "string", required: true }, region: text, tags: { type: { map: text } } },
  async run({ name }) {
    throw new Error(
      `reading EKS Cluster (${name}): couldn't find resource; the sandbox has none, name a context instead`,
    );
  },
};

/** Functions of the AWS provider that are not about services or balancers. */
export const invokes: Record<string, Invoke> = {
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getRegion:getRegion": getRegion,
  "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones,
  "aws:ec2/getSubnet:getSubnet": getSubnet,
  "aws:ec2/getVpc:getVpc": getVpc,
  "aws:ecr/getImage:getImage": getImage,
  "aws:eks/getCluster:getCluster": getEksCluster,
  "aws:secretsmanager/getSecretVersions:getSecretVersions": getSecretVersions,
};
