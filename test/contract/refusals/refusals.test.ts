import assert from "node:assert/strict";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { CreateClusterCommand, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { serveWorld, type TestWorld } from "../../sandbox/wire/world.ts";
import { motoBackend, sandboxBackend } from "../aws-backends.ts";
import type { Backend } from "../aws-steps.ts";
import { type Moto, startMoto } from "../counterparts.ts";
import { call } from "../replay/clients.ts";
import { required } from "../replay/tags.ts";
import { type Case, cases, controls, type Ground } from "./cases.ts";

describe("what AWS refuses, the sandbox refuses", () => {
  let moto: Moto | undefined;
  let world: TestWorld | undefined;
  const clouds: Record<string, { backend: Backend; ground: Ground }> = {};

  before(async function () {
    // The first run installs moto.
    this.timeout(300_000);
    world = await serveWorld(console.error);
    moto = await startMoto();
    for (const [name, backend] of Object.entries({
      sandbox: await sandboxBackend(world.endpoint, world.cloud),
      moto: await motoBackend(moto.endpoint),
    })) {
      clouds[name] = { backend, ground: await prepare(backend) };
    }
  });
  after(async () => {
    await Promise.all([moto?.stop(), world?.close()]);
  });

  const outcomes = async ({ ask }: Case, unique: number) => {
    const asked = Object.entries(clouds).map(async ([cloud, { backend, ground }]) => {
      return [cloud, await refuses(ask(backend, ground, unique))] as const;
    });
    return Object.fromEntries(await Promise.all(asked));
  };

  for (const [index, one] of controls.entries()) {
    it(`takes ${one.name}`, async () => {
      assert.deepEqual(await outcomes(one, 1000 + index), { sandbox: false, moto: false });
    });
  }

  for (const [index, one] of cases.entries()) {
    it(`refuses ${one.name}${one.motoTakesIt ? ", which moto takes" : ""}`, async () => {
      assert.deepEqual(await outcomes(one, index), { sandbox: true, moto: !one.motoTakesIt });
    });
  }
});

/** What is right, so that a case is refused for what is wrong with it. */
async function prepare({ elb, ecs, ecr, network }: Backend): Promise<Ground> {
  const made = await call(elb, CreateLoadBalancerCommand, { Name: "ground", Subnets: [...network.subnets] });
  const LoadBalancerArn = required(made.LoadBalancers?.[0]?.LoadBalancerArn);
  const groups = await call(elb, CreateTargetGroupCommand, {
    Name: "ground",
    Port: 80,
    Protocol: "HTTP",
    TargetType: "ip",
    VpcId: network.vpc,
  });
  const { Listeners } = await call(elb, CreateListenerCommand, {
    LoadBalancerArn,
    Port: 80,
    Protocol: "HTTP",
    DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }],
  });
  await call(ecr, CreateRepositoryCommand, { repositoryName: "ground" });
  await call(ecs, RegisterTaskDefinitionCommand, {
    family: "ground",
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    executionRoleArn: "arn:aws:iam::000000000000:role/ground",
    containerDefinitions: [{ name: "app", image: "app", essential: true }],
  });
  const { cluster } = await call(ecs, CreateClusterCommand, { clusterName: "ground" });
  return {
    listener: required(Listeners?.[0]?.ListenerArn),
    targetGroup: required(groups.TargetGroups?.[0]?.TargetGroupArn),
    cluster: required(cluster?.clusterArn),
  };
}

/** @throws what is no refusal: a failure of the stand-in itself */
async function refuses(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return false;
  } catch (error) {
    const { $fault, $metadata } = error as { $fault?: string; $metadata?: { httpStatusCode?: number } };
    if ($fault === "client" || ($metadata?.httpStatusCode ?? 500) < 500) return true;
    throw error;
  }
}
