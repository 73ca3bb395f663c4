import { crc32 } from "node:zlib";
import { unlessGone } from "../gone.ts";
import type { Properties, ProviderContext, ResourceType } from "../resource-type.ts";
import { checkBlock } from "./network.ts";

const NO_TABLE = "InvalidRouteTableID.NotFound";

export const routeTable: ResourceType = {
  inputs: { vpcId: { type: "string", required: true, replace: true } },
  outputs: ["arn", "ownerId"],
  tagged: true,
  async create(inputs, ctx) {
    const { RouteTable } = await ctx.cloud.ec2.createRouteTable({ VpcId: inputs.vpcId as string });
    return { id: RouteTable.RouteTableId, state: (await readTable(RouteTable.RouteTableId, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readTable(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ec2.deleteRouteTable({ RouteTableId: id }), NO_TABLE);
  },
};

async function findTable(id: unknown, ctx: ProviderContext) {
  const found = await unlessGone(ctx.cloud.ec2.describeRouteTables({ RouteTableIds: [String(id)] }), NO_TABLE);
  return found?.RouteTables[0];
}

async function readTable(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const table = await findTable(id, ctx);
  if (table === undefined) return undefined;
  const arn = `arn:aws:ec2:${ctx.region}:${ctx.account}:route-table/${id}`;
  return { arn, vpcId: table.VpcId, ownerId: table.OwnerId };
}

interface RouteInputs extends Properties {
  routeTableId: string;
  destinationCidrBlock: string;
  gatewayId?: string;
  natGatewayId?: string;
}

function routeOf({ routeTableId, destinationCidrBlock, gatewayId, natGatewayId }: RouteInputs) {
  return {
    RouteTableId: routeTableId,
    DestinationCidrBlock: destinationCidrBlock,
    ...(gatewayId && { GatewayId: gatewayId }),
    ...(natGatewayId && { NatGatewayId: natGatewayId }),
  };
}

/** Its id is made of the table's and the destination's, as the provider makes it. */
export const route: ResourceType = {
  inputs: {
    destinationCidrBlock: { type: "string", required: true, replace: true },
    gatewayId: { type: "string", conflictsWith: ["natGatewayId"] },
    natGatewayId: { type: "string" },
    routeTableId: { type: "string", required: true, replace: true },
  },
  outputs: ["origin", "state"],
  check: (inputs) => [
    ...checkBlock("destinationCidrBlock", inputs.destinationCidrBlock),
    ...(inputs.gatewayId === undefined && inputs.natGatewayId === undefined
      ? [{ property: "gatewayId", reason: "one of gatewayId, natGatewayId must be specified" }]
      : []),
  ],
  async create(inputs, ctx) {
    const wanted = inputs as RouteInputs;
    await ctx.cloud.ec2.createRoute(routeOf(wanted));
    const id = `r-${wanted.routeTableId}${crc32(wanted.destinationCidrBlock)}`;
    return { id, state: { origin: "CreateRoute", state: "active" } };
  },
  async read(_id, old, ctx) {
    const table = await findTable(old.routeTableId, ctx);
    const found = table?.Routes.find((one) => one.DestinationCidrBlock === old.destinationCidrBlock);
    return (
      found && {
        destinationCidrBlock: found.DestinationCidrBlock,
        gatewayId: found.GatewayId,
        natGatewayId: found.NatGatewayId,
        origin: found.Origin,
        state: found.State,
      }
    );
  },
  async update(_id, _olds, news, ctx) {
    await ctx.cloud.ec2.replaceRoute(routeOf(news as RouteInputs));
    return {};
  },
  async delete(_id, state, ctx) {
    const { routeTableId, destinationCidrBlock } = state as RouteInputs;
    const deleted = ctx.cloud.ec2.deleteRoute({
      RouteTableId: routeTableId,
      DestinationCidrBlock: destinationCidrBlock,
    });
    await unlessGone(deleted, NO_TABLE, "InvalidRoute.NotFound");
  },
};

/** A change of the table moves the subnet; the id in state stays that of the first association, so `read` looks by subnet. */
export const routeTableAssociation: ResourceType = {
  inputs: {
    routeTableId: { type: "string", required: true },
    subnetId: { type: "string", required: true, replace: true },
  },
  outputs: [],
  async create(inputs, ctx) {
    const { routeTableId, subnetId } = inputs as { routeTableId: string; subnetId: string };
    const { AssociationId } = await ctx.cloud.ec2.associateRouteTable({
      RouteTableId: routeTableId,
      SubnetId: subnetId,
    });
    return { id: AssociationId, state: {} };
  },
  async read(_id, old, ctx) {
    const found = await current(old.subnetId, ctx);
    return found && { routeTableId: found.table, subnetId: old.subnetId };
  },
  async update(_id, olds, news, ctx) {
    const found = await current(olds.subnetId, ctx);
    if (!found) throw new Error(`the subnet ${olds.subnetId} has no route table association any more`);
    const RouteTableId = news.routeTableId as string;
    await ctx.cloud.ec2.replaceRouteTableAssociation({ AssociationId: found.association, RouteTableId });
    return {};
  },
  async delete(_id, state, ctx) {
    const found = await current(state.subnetId, ctx);
    if (found) await ctx.cloud.ec2.disassociateRouteTable({ AssociationId: found.association });
  },
};

async function current(subnetId: unknown, ctx: ProviderContext) {
  const { RouteTables } = await ctx.cloud.ec2.describeRouteTables();
  for (const table of RouteTables) {
    const association = table.Associations.find((one) => one.SubnetId === subnetId);
    if (association) return { table: table.RouteTableId, association: association.RouteTableAssociationId };
  }
  return undefined;
}
