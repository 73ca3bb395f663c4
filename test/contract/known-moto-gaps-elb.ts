import type { Gap } from "./known-moto-gap.ts";

export const elbGaps: readonly Gap[] = [
  {
    steps: ["create a load balancer", "describe the load balancer by name"],
    path: "LoadBalancers.*.CanonicalHostedZoneId",
    moto: "Z2P70J7EXAMPLE",
    sandbox: "Z32O12XQLNTSW2",
    reason: "moto has the documentation's example; the sandbox has the zone of the region",
  },
  {
    steps: ["create a load balancer"],
    path: "LoadBalancers.*.State.Code",
    moto: "provisioning",
    sandbox: "active",
    reason: "the sandbox's balancer listens before the call returns",
  },
  {
    steps: ["create a load balancer", "describe the load balancer by name"],
    path: "LoadBalancers.*.AvailabilityZones.*.LoadBalancerAddresses",
    sandbox: [],
    reason: "AWS has the empty list for application load balancers",
  },
  {
    steps: ["create a load balancer of the same name, but other settings"],
    path: "",
    moto: "accepted",
    sandbox: "DuplicateLoadBalancerNameException",
    reason: "moto replaces the first one; CreateLoadBalancer documents the error",
  },
  {
    steps: ["create a load balancer with a name of 33 characters"],
    path: "",
    moto: "accepted",
    sandbox: "ValidationError",
    reason: "moto does not check the name; CreateLoadBalancer allows 32 characters",
  },
  {
    steps: ["create a target group, blue", "create a target group, green"],
    path: "TargetGroups.*.LoadBalancerArns",
    sandbox: [],
    reason: "AWS has the empty list for a target group that no listener uses",
  },
  {
    steps: ["create a listener", "describe the listeners"],
    path: "Listeners.*.SslPolicy",
    moto: "ELBSecurityPolicy-2016-08",
    reason: "moto has one for HTTP too; AWS for HTTPS and TLS only",
  },
  {
    steps: ["create a listener", "describe the listeners"],
    path: "Listeners.*.AlpnPolicy",
    moto: [],
    reason: "moto has one for HTTP too; AWS for TLS only",
  },
  {
    steps: ["create a listener on the same port"],
    path: "",
    moto: "accepted",
    sandbox: "DuplicateListenerException",
    reason: "moto does not check ports; CreateListener documents the error",
  },
  ...["api.example.com", "/*"].map((value) => ({
    steps: ["create a weighted rule", "move the weights", "describe the rule", "describe all rules of the listener"],
    path: "Rules.*.Conditions.*.Values",
    sandbox: [value],
    reason:
      "AWS repeats the values of host and path conditions in the older member Values; moto does so only where they came there",
  })),
  {
    steps: [
      "create a rule with a weight of 1000",
      "create a rule with a weight below zero",
      "move the weights to 1000",
    ],
    path: "",
    moto: "accepted",
    sandbox: "ValidationError",
    reason: "moto does not check weights; TargetGroupTuple allows 0 to 999",
  },
  {
    steps: ["create a rule with priority 50001"],
    path: "",
    moto: "accepted",
    sandbox: "ValidationError",
    reason: "moto does not check the range; CreateRule allows 1 to 50000",
  },
  {
    steps: ["create a rule that asks for a header", "describe all rules of the listener"],
    path: "Rules.*.Actions.*.ForwardConfig",
    sandbox: {
      TargetGroups: [
        { TargetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/api-green/<id>", Weight: 1 },
      ],
      TargetGroupStickinessConfig: { Enabled: false },
    },
    reason: "AWS repeats a single target group in ForwardConfig, with weight 1; moto does not",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.TargetHealth.State",
    moto: "healthy",
    sandbox: "initial",
    reason: "moto calls every target healthy and checks none",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.TargetHealth.Reason",
    sandbox: "Elb.RegistrationInProgress",
    reason: "a target that is not healthy has a reason (TargetHealth); moto has none that is not healthy",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.TargetHealth.Description",
    sandbox: "Target registration is in progress",
    reason: "a target that is not healthy has a description (TargetHealth); moto has none that is not healthy",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.HealthCheckPort",
    moto: "traffic-port",
    sandbox: "8080",
    reason: "AWS says the port that is checked, moto the setting",
  },
  {
    steps: ["describe the health of a target that nothing listens on"],
    path: "TargetHealthDescriptions.*.Target.AvailabilityZone",
    sandbox: "all",
    reason:
      "moto leaves it out; the sandbox's targets are on loopback, outside of every subnet, for which AWS says all",
  },
  {
    steps: ["delete the rule again"],
    path: "",
    moto: "accepted",
    sandbox: "RuleNotFoundException",
    reason: "moto does not look; DeleteRule documents the error",
  },
];
