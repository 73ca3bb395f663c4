import * as pulumi from "@pulumi/pulumi";
import { alarmsOf, type MetricNames, metricNameOf } from "../../model/alarms.ts";
import type { AlarmsConfig, Severity } from "../../model/config/alarms.ts";
import type { Colour } from "../../model/traffic.ts";
import type { Environment } from "../environment.ts";
import { metricAlarm } from "./metric-alarm.ts";

/** A colour with a workload, as alarms and the dashboard see it. */
export interface MonitoredColour {
  colour: Colour;
  tag: string;
  /** Per cent of the traffic once the update is done. */
  weight: number;
  /** Tasks that must run under traffic. */
  tasks: number;
  /** Whether as many run there now: a standby may be allowed to sleep. */
  complete: boolean;
  /** Seconds that a task may take until it is healthy. */
  startSeconds: number;
  targetGroupArn: pulumi.Input<string>;
  ecsService: pulumi.Input<string>;
}

/** What alarms and the dashboard need to know of a service. */
export interface MonitoredService {
  name: string;
  cluster: pulumi.Input<string>;
  balancerArn: pulumi.Input<string>;
  colours: readonly MonitoredColour[];
  /** What moves its weights; undefined before the first release. */
  traffic: pulumi.Resource | undefined;
}

export interface ServiceAlarmsArgs {
  environment: Environment;
  config: AlarmsConfig;
  service: MonitoredService;
  topics: Readonly<Record<Severity, pulumi.Output<string>>>;
}

/**
 * The alarms of one service. Whom they tell follows the weights within the same update, after these have moved. Where the
 * weights stay because the update failed, so do the alarms.
 *
 * @example
 * new ServiceAlarms("api-alarms", { environment, config: config.alarms, service, topics: topics.arns })
 */
export class ServiceAlarms extends pulumi.ComponentResource {
  /** Of those that tell somebody. */
  readonly arns: pulumi.Output<string>[];

  constructor(name: string, args: ServiceAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:monitoring:ServiceAlarms", name, { service: args.service.name }, opts);
    const { service, config, environment, topics } = args;
    const alarms = service.colours.flatMap((colour) =>
      alarmsOf(config, service.name, colour).map((spec): { arn: pulumi.Output<string>; acts: boolean } => {
        const parts = [service.name, colour.colour, spec.kind];
        const dependsOn = service.traffic === undefined ? [] : [service.traffic];
        const { arn } = metricAlarm(
          parts.join("-"),
          { environment, parts, spec, names: metricNames(service, colour), topics },
          { parent: this, dependsOn },
        );
        return { arn, acts: spec.acts };
      }),
    );
    this.arns = alarms.filter(({ acts }) => acts).map(({ arn }) => arn);
    this.registerOutputs({ arns: this.arns });
  }
}

/** What CloudWatch names a colour by. */
export function metricNames(service: MonitoredService, colour: MonitoredColour): pulumi.Output<MetricNames> {
  return pulumi
    .all([service.balancerArn, colour.targetGroupArn, service.cluster, colour.ecsService])
    .apply(([balancerArn, targetGroupArn, cluster, ecsService]) => ({
      loadBalancer: metricNameOf(balancerArn),
      targetGroup: metricNameOf(targetGroupArn),
      cluster,
      ecsService,
    }));
}
