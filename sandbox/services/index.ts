/** Every service of the sandbox, one line each. */
import { cloudformation, stackSets } from '../cloudformation/index.ts';
import type { Service } from '../kernel.ts';
import { appconfig } from './appconfig.ts';
import { appconfigdata } from './appconfigdata.ts';
import { cloudtrail } from './cloudtrail.ts';
import { cloudwatch } from './cloudwatch.ts';
import { dynamodb } from './dynamodb.ts';
import { ec2 } from './ec2.ts';
import { elbv2 } from './elbv2.ts';
import { eventbridge } from './eventbridge.ts';
import { iam } from './iam.ts';
import { ipRanges } from './ip-ranges.ts';
import { kms } from './kms.ts';
import { lambda } from './lambda.ts';
import { logs } from './logs.ts';
import { organizations } from './organizations.ts';
import { ram } from './ram.ts';
import { s3 } from './s3.ts';
import { s3control } from './s3control.ts';
import { securityhub } from './securityhub.ts';
import { serviceQuotas } from './service-quotas.ts';
import { sfn } from './sfn.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';
import { sso } from './sso.ts';
import { sts } from './sts.ts';
import { xray } from './xray.ts';

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
