/** Every service of the sandbox, one line each. */
import { cloudformation, stackSets } from '../cloudformation/index.ts';
import type { Service } from '../kernel/kernel.ts';
import { appconfig } from './appconfig/index.ts';
import { appconfigdata } from './appconfigdata/index.ts';
import { cloudtrail } from './cloudtrail/index.ts';
import { cloudwatch } from './cloudwatch/index.ts';
import { dynamodb } from './dynamodb/index.ts';
import { ec2 } from './ec2/index.ts';
import { elbv2 } from './elbv2/index.ts';
import { eventbridge } from './eventbridge/index.ts';
import { iam } from './iam/index.ts';
import { ipRanges } from './ip-ranges/index.ts';
import { kms } from './kms/index.ts';
import { lambda } from './lambda/index.ts';
import { logs } from './logs/index.ts';
import { organizations } from './organizations/index.ts';
import { ram } from './ram/index.ts';
import { s3 } from './s3/index.ts';
import { s3control } from './s3control/index.ts';
import { securityhub } from './securityhub/index.ts';
import { serviceQuotas } from './service-quotas/index.ts';
import { sfn } from './sfn/index.ts';
import { sns } from './sns/index.ts';
import { sqs } from './sqs/index.ts';
import { sso } from './sso/index.ts';
import { sts } from './sts/index.ts';
import { xray } from './xray/index.ts';

export const services: readonly Service[] = [
  appconfig,
  appconfigdata,
  cloudformation,
  cloudtrail,
  cloudwatch,
  dynamodb,
  ec2,
  elbv2,
  eventbridge,
  iam,
  ipRanges,
  kms,
  lambda,
  logs,
  organizations,
  ram,
  s3,
  s3control,
  securityhub,
  serviceQuotas,
  sfn,
  sns,
  sqs,
  sso,
  stackSets,
  sts,
  xray,
];
