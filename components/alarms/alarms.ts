import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarmNameLimits, balancerAlarm, metricNameOf, thresholdsOf } from "../../model/alarms.ts";
import type { AlarmsConfig } from "../../model/config/alarms.ts";
import { type DashboardService, dashboardBody, servicesPerDashboard } from "../../model/dashboard.ts";
import type { Environment } from "../environment.ts";
import { metricAlarm } from "./metric-alarm.ts";
import { type MonitoredService, metricNames, ServiceAlarms } from "./service-alarms.ts";
import { AlarmTopics } from "./topics.ts";

export interface AlarmsArgs {
  environment: Environment;
  config: AlarmsConfig;
  balancerArns: readonly pulumi.Output<string>[];
  services: readonly MonitoredService[];
}

/**
 * Alarms on all services of an environment, the topics that they tell, and a dashboard.
 *
 * @example
 * new Alarms("alarms", { environment, config: config.alarms, balancerArns: cluster.balancerArns, services })
 */
export class Alarms extends pulumi.ComponentResource {
  /** ARNs of the topics, by severity. */
  readonly topics: AlarmTopics["arns"];

  readonly #name: string;
  readonly #args: AlarmsArgs;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:monitoring:Alarms", name, { thresholds: args.config.thresholds }, opts);
    this.#name = name;
    this.#args = args;
    const { environment, config } = args;
    const { subscriptions, kmsKeyArn } = config;
    this.topics = new AlarmTopics(`${name}-topics`, { environment, subscriptions, kmsKeyArn }, { parent: this }).arns;
    const balancers = args.balancerArns.map((arn, index) => this.#balancerAlarm(arn, index));
    const services = args.services.map((service) => ({ service, alarms: this.#serviceAlarms(service) }));
    if (config.dashboard) this.#dashboards(balancers, services);
    this.registerOutputs({ topics: this.topics });
  }

  /** The first balancer has no number in its names, so that one is as it always was. */
  #balancerAlarm(balancerArn: pulumi.Output<string>, index: number): aws.cloudwatch.MetricAlarm {
    const { environment, config } = this.#args;
    const parts = ["balancer", ...(index === 0 ? [] : [String(index + 1)]), "errors"];
    const names = balancerArn.apply((arn) => ({
      loadBalancer: metricNameOf(arn),
      targetGroup: "",
      cluster: "",
      ecsService: "",
    }));
    return metricAlarm(
      [this.#name, ...parts].join("-"),
      { environment, parts, spec: balancerAlarm(config), names, topics: this.topics },
      { parent: this },
    );
  }

  #serviceAlarms(service: MonitoredService): ServiceAlarms {
    const { environment, config } = this.#args;
    const args = { environment, config, service, topics: this.topics };
    return new ServiceAlarms(`${service.name}-alarms`, args, { parent: this });
  }

  #dashboards(
    balancers: readonly aws.cloudwatch.MetricAlarm[],
    services: readonly { service: MonitoredService; alarms: ServiceAlarms }[],
  ): void {
    const { environment } = this.#args;
    const described = services.map(({ service, alarms }) => this.#describe(service, alarms));
    const pages = Math.max(1, Math.ceil(described.length / servicesPerDashboard));
    for (let page = 0; page < pages; page++) {
      const suffix = page === 0 ? [] : [String(page + 1)];
      const on = described.slice(page * servicesPerDashboard, (page + 1) * servicesPerDashboard);
      const title = [environment.project, environment.name, ...suffix].join(" ");
      new aws.cloudwatch.Dashboard(
        [this.#name, "dashboard", ...suffix].join("-"),
        {
          dashboardName: environment.physicalName(alarmNameLimits.dashboard, ...suffix),
          dashboardBody: pulumi
            .all([pulumi.all(balancers.map(({ arn }) => arn)), pulumi.all(on)])
            .apply(([arns, known]) =>
              dashboardBody({ title, region: environment.region, alarms: arns, services: known }),
            ),
        },
        { parent: this },
      );
    }
  }

  #describe(service: MonitoredService, { arns }: ServiceAlarms): pulumi.Output<DashboardService> {
    const colours = service.colours.map((one) =>
      metricNames(service, one).apply((names) => ({ colour: one.colour, tag: one.tag, weight: one.weight, names })),
    );
    const thresholds = thresholdsOf(this.#args.config, service.name);
    return pulumi
      .all([pulumi.all(colours), pulumi.all(arns)])
      .apply(([known, alarms]) => ({ name: service.name, colours: known, thresholds, alarms }));
  }
}
