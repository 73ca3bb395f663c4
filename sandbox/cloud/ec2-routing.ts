import { parseCidr } from "./cidr.ts";
import type { Address, InternetGateway, NatGateway, Route, RouteTable } from "./ec2-model.ts";
import { Ec2Network, invalid } from "./ec2-network.ts";
import { dependency } from "./ec2-tables.ts";
import { newId } from "./table.ts";

interface RouteInput {
  RouteTableId?: string;
  DestinationCidrBlock?: string;
  GatewayId?: string;
  NatGatewayId?: string;
}

/** Gateways, addresses, and route tables. */
export class Ec2Routing extends Ec2Network {
  createInternetGateway(_input: object = {}) {
    const gateway: InternetGateway = { InternetGatewayId: newId("igw"), OwnerId: this.cloud.account };
    return { InternetGateway: this.tables.gateways.put(gateway.InternetGatewayId, gateway) };
  }

  describeInternetGateways(input: { InternetGatewayIds?: string[] } = {}) {
    return { InternetGateways: this.tables.gateways.pick(input.InternetGatewayIds) };
  }

  attachInternetGateway(input: { InternetGatewayId?: string; VpcId?: string }) {
    const gateway = this.tables.gateways.need(input.InternetGatewayId);
    const { VpcId } = this.tables.vpcs.need(input.VpcId);
    if (gateway.VpcId)
      throw invalid(
        "Resource.AlreadyAssociated",
        `resource ${gateway.InternetGatewayId} is already attached to network ${gateway.VpcId}`,
      );
    const rival = this.tables.gateways.list().find((one) => one.VpcId === VpcId);
    if (rival) throw invalid("InvalidParameterValue", `Network ${VpcId} already has an internet gateway attached`);
    this.tables.gateways.put(gateway.InternetGatewayId, { ...gateway, VpcId });
    return {};
  }

  detachInternetGateway(input: { InternetGatewayId?: string; VpcId?: string }) {
    const { VpcId, ...gateway } = this.tables.gateways.need(input.InternetGatewayId);
    if (VpcId !== input.VpcId)
      throw invalid(
        "Gateway.NotAttached",
        `resource ${gateway.InternetGatewayId} is not attached to network ${input.VpcId}`,
      );
    this.tables.gateways.put(gateway.InternetGatewayId, gateway);
    return {};
  }

  deleteInternetGateway(input: { InternetGatewayId?: string }) {
    const gateway = this.tables.gateways.need(input.InternetGatewayId);
    if (gateway.VpcId)
      throw dependency(`The internetGateway '${gateway.InternetGatewayId}' has dependencies and cannot be deleted.`);
    this.tables.gateways.remove(gateway.InternetGatewayId);
    return {};
  }

  /** Addresses come from 203.0.113.0/24 and its kin, which are kept for documentation (RFC 5737). */
  allocateAddress(input: { Domain?: string } = {}) {
    const taken = new Set(this.tables.addresses.list().map((one) => one.PublicIp));
    const blocks = ["203.0.113", "198.51.100", "192.0.2"];
    const free = blocks
      .flatMap((block) => Array.from({ length: 254 }, (_, i) => `${block}.${i + 1}`))
      .find((ip) => !taken.has(ip));
    if (free === undefined) throw invalid("AddressLimitExceeded", "The maximum number of addresses has been reached.");
    const address: Address = { AllocationId: newId("eipalloc"), PublicIp: free, Domain: input.Domain ?? "vpc" };
    return this.tables.addresses.put(address.AllocationId, address);
  }

  describeAddresses(input: { AllocationIds?: string[] } = {}) {
    return { Addresses: this.tables.addresses.pick(input.AllocationIds) };
  }

  releaseAddress(input: { AllocationId?: string }) {
    const address = this.tables.addresses.need(input.AllocationId);
    if (address.UsedBy) throw invalid("InvalidIPAddress.InUse", `Address ${address.PublicIp} is in use.`);
    this.tables.addresses.remove(address.AllocationId);
    return {};
  }

  createNatGateway(input: { SubnetId?: string; AllocationId?: string; ConnectivityType?: string }) {
    const subnet = this.tables.subnets.need(input.SubnetId);
    const kind = input.ConnectivityType ?? "public";
    if (kind === "public" && !input.AllocationId)
      throw invalid("MissingParameter", "The request must include the AllocationId parameter.");
    const address = input.AllocationId ? this.tables.addresses.need(input.AllocationId) : undefined;
    if (address?.UsedBy)
      throw invalid("Resource.AlreadyAssociated", `Elastic IP address [${address.AllocationId}] is already associated`);
    const nat: NatGateway = {
      NatGatewayId: newId("nat"),
      SubnetId: subnet.SubnetId,
      VpcId: subnet.VpcId,
      ConnectivityType: kind,
      ...(address && { AllocationId: address.AllocationId, PublicIp: address.PublicIp }),
      PrivateIp: subnet.CidrBlock.replace(/\d+\/\d+$/, "10"),
      NetworkInterfaceId: newId("eni"),
      State: "available",
    };
    this.cloud.store.transaction(() => {
      this.tables.nats.put(nat.NatGatewayId, nat);
      if (address) this.tables.addresses.put(address.AllocationId, { ...address, UsedBy: nat.NatGatewayId });
    });
    return { NatGateway: nat };
  }

  describeNatGateways(input: { NatGatewayIds?: string[] } = {}) {
    return { NatGateways: this.tables.nats.pick(input.NatGatewayIds) };
  }

  deleteNatGateway(input: { NatGatewayId?: string }) {
    const nat = this.tables.nats.need(input.NatGatewayId);
    this.cloud.store.transaction(() => {
      this.tables.nats.remove(nat.NatGatewayId);
      const used = nat.AllocationId && this.tables.addresses.find(nat.AllocationId);
      if (used) this.tables.addresses.put(used.AllocationId, { ...used, UsedBy: "" });
    });
    return { NatGatewayId: nat.NatGatewayId };
  }

  createRouteTable(input: { VpcId?: string }) {
    const vpc = this.tables.vpcs.need(input.VpcId);
    const table: RouteTable = {
      RouteTableId: newId("rtb"),
      VpcId: vpc.VpcId,
      OwnerId: this.cloud.account,
      Routes: [
        { DestinationCidrBlock: vpc.CidrBlock, GatewayId: "local", State: "active", Origin: "CreateRouteTable" },
      ],
      Associations: [],
    };
    return { RouteTable: this.tables.routeTables.put(table.RouteTableId, table) };
  }

  describeRouteTables(input: { RouteTableIds?: string[] } = {}) {
    return { RouteTables: this.tables.routeTables.pick(input.RouteTableIds) };
  }

  deleteRouteTable(input: { RouteTableId?: string }) {
    const table = this.tables.routeTables.need(input.RouteTableId);
    if (table.Associations.length > 0)
      throw dependency(`The routeTable '${table.RouteTableId}' has dependencies and cannot be deleted.`);
    this.tables.routeTables.remove(table.RouteTableId);
    return {};
  }

  createRoute(input: RouteInput) {
    const { table, route } = this.#route(input);
    if (table.Routes.some((one) => one.DestinationCidrBlock === route.DestinationCidrBlock)) {
      throw invalid("RouteAlreadyExists", `The route identified by ${route.DestinationCidrBlock} already exists.`);
    }
    this.tables.routeTables.put(table.RouteTableId, { ...table, Routes: [...table.Routes, route] });
    return { Return: true };
  }

  replaceRoute(input: RouteInput) {
    const { table, route } = this.#route(input);
    this.#needRoute(table, route.DestinationCidrBlock);
    const Routes = table.Routes.map((one) => (one.DestinationCidrBlock === route.DestinationCidrBlock ? route : one));
    this.tables.routeTables.put(table.RouteTableId, { ...table, Routes });
    return {};
  }

  deleteRoute(input: RouteInput) {
    const table = this.tables.routeTables.need(input.RouteTableId);
    this.#needRoute(table, input.DestinationCidrBlock);
    const Routes = table.Routes.filter((one) => one.DestinationCidrBlock !== input.DestinationCidrBlock);
    this.tables.routeTables.put(table.RouteTableId, { ...table, Routes });
    return {};
  }

  #route(input: RouteInput): { table: RouteTable; route: Route } {
    const table = this.tables.routeTables.need(input.RouteTableId);
    const destination = input.DestinationCidrBlock ?? "";
    if (!parseCidr(destination))
      throw invalid(
        "InvalidParameterValue",
        `Value (${destination}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
      );
    const { GatewayId, NatGatewayId } = input;
    if (GatewayId) {
      const gateway = this.tables.gateways.find(GatewayId);
      if (!gateway) throw invalid("InvalidGatewayID.NotFound", `The gateway ID '${GatewayId}' does not exist`);
      if (gateway.VpcId !== table.VpcId)
        throw invalid(
          "InvalidParameterValue",
          `route table ${table.RouteTableId} and network gateway ${GatewayId} belong to different networks`,
        );
      return { table, route: { DestinationCidrBlock: destination, GatewayId, State: "active", Origin: "CreateRoute" } };
    }
    const nat = this.tables.nats.need(NatGatewayId);
    return {
      table,
      route: {
        DestinationCidrBlock: destination,
        NatGatewayId: nat.NatGatewayId,
        State: "active",
        Origin: "CreateRoute",
      },
    };
  }

  #needRoute(table: RouteTable, destination: string | undefined): void {
    if (table.Routes.some((one) => one.DestinationCidrBlock === destination && one.GatewayId !== "local")) return;
    throw invalid(
      "InvalidRoute.NotFound",
      `no route with destination-cidr-block ${destination} in route table ${table.RouteTableId}`,
    );
  }

  associateRouteTable(input: { RouteTableId?: string; SubnetId?: string }) {
    const table = this.tables.routeTables.need(input.RouteTableId);
    const { SubnetId } = this.tables.subnets.need(input.SubnetId);
    const rival = this.tables.routeTables
      .list()
      .find((one) => one.Associations.some((other) => other.SubnetId === SubnetId));
    if (rival)
      throw invalid(
        "Resource.AlreadyAssociated",
        `the specified association for route table ${table.RouteTableId} conflicts with an existing association`,
      );
    const RouteTableAssociationId = newId("rtbassoc");
    const Associations = [...table.Associations, { RouteTableAssociationId, SubnetId, Main: false }];
    this.tables.routeTables.put(table.RouteTableId, { ...table, Associations });
    return { AssociationId: RouteTableAssociationId };
  }

  disassociateRouteTable(input: { AssociationId?: string }) {
    const id = input.AssociationId;
    const table = this.tables.routeTables
      .list()
      .find((one) => one.Associations.some((other) => other.RouteTableAssociationId === id));
    if (!table) throw invalid("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`);
    const Associations = table.Associations.filter((one) => one.RouteTableAssociationId !== id);
    this.tables.routeTables.put(table.RouteTableId, { ...table, Associations });
    return {};
  }

  /** Moves a subnet to another table; the association gets a new id, as in AWS. */
  replaceRouteTableAssociation(input: { AssociationId?: string; RouteTableId?: string }) {
    const tables = this.tables.routeTables.list();
    const subnet = tables
      .flatMap((one) => one.Associations)
      .find((one) => one.RouteTableAssociationId === input.AssociationId)?.SubnetId;
    this.tables.routeTables.need(input.RouteTableId);
    const { AssociationId } = this.cloud.store.transaction(() => {
      this.disassociateRouteTable(input);
      return this.associateRouteTable({ ...input, ...(subnet && { SubnetId: subnet }) });
    });
    return { NewAssociationId: AssociationId };
  }
}
