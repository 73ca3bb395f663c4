/** Every AWS type that the program declares. */
import type { Mappings } from "./mapping.ts";
import { cloudwatchMappings } from "./mapping-cloudwatch.ts";
import { domainMappings } from "./mapping-domain.ts";
import { ec2AccessMappings } from "./mapping-ec2-access.ts";
import { ec2NetworkMappings } from "./mapping-ec2-network.ts";
import { ec2RoutingMappings } from "./mapping-ec2-routing.ts";
import { ecrMappings } from "./mapping-ecr.ts";
import { ecsMappings } from "./mapping-ecs.ts";
import { elbMappings } from "./mapping-elb.ts";
import { elbListenerMappings } from "./mapping-elb-listeners.ts";
import { iamMappings } from "./mapping-iam.ts";
import { s3Mappings } from "./mapping-s3.ts";
import { scalingMappings } from "./mapping-scaling.ts";
import { snsMappings } from "./mapping-sns.ts";

export const mappings: Mappings = {
  ...cloudwatchMappings,
  ...domainMappings,
  ...ec2AccessMappings,
  ...ec2NetworkMappings,
  ...ec2RoutingMappings,
  ...ecrMappings,
  ...ecsMappings,
  ...elbMappings,
  ...elbListenerMappings,
  ...iamMappings,
  ...s3Mappings,
  ...scalingMappings,
  ...snsMappings,
};
