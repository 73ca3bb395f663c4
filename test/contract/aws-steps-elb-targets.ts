import {
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Step } from "./aws-steps.ts";
import { noTargetGroup } from "./aws-steps-elb.ts";

/** Targets of target groups that a rule uses: of an unused one nobody checks the health. */
export const targetSteps: readonly Step[] = [
  {
    name: "describe the health of a target group without targets",
    run: ({ elb }, kept) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: kept.get("green") })),
  },
  {
    name: "describe the health of a missing target group",
    run: ({ elb }) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: noTargetGroup })),
  },
  {
    name: "register a target",
    run: ({ elb }, kept) =>
      elb.send(
        new RegisterTargetsCommand({ TargetGroupArn: kept.get("blue"), Targets: [{ Id: "10.0.0.9", Port: 8080 }] }),
      ),
  },
  {
    name: "describe the health of a target that nothing listens on",
    run: ({ elb }, kept) => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: kept.get("blue") })),
  },
  {
    name: "deregister the target",
    run: ({ elb }, kept) =>
      elb.send(
        new DeregisterTargetsCommand({ TargetGroupArn: kept.get("blue"), Targets: [{ Id: "10.0.0.9", Port: 8080 }] }),
      ),
  },
  {
    name: "delete a target group in use",
    run: ({ elb }, kept) => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: kept.get("blue") })),
  },
];
