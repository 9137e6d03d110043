/** Builders of the town, by service: each makes a resource of every type that the sandbox models. */
import { buildCloudformation } from './cloudformation.ts';
import { buildCloudtrail } from './cloudtrail.ts';
import { buildEc2 } from './ec2.ts';
import { buildElbv2 } from './elbv2.ts';
import { buildEventbridge } from './eventbridge.ts';
import { buildIam } from './iam.ts';
import { buildKms } from './kms.ts';
import { buildLambda } from './lambda.ts';
import { buildSns, buildSqs } from './messaging.ts';
import {
  buildAppconfig,
  buildCloudwatch,
  buildDynamodb,
  buildLogs,
  buildSecretsmanager,
  buildSecurityhub,
  buildSfn,
} from './others.ts';
import { buildRds } from './rds.ts';
import { buildS3, buildS3Control } from './s3.ts';
import {
  buildAccessAnalyzer,
  buildAccount,
  buildEcr,
  buildEfs,
  buildElasticache,
  buildEmr,
  buildRedshift,
  buildSsm,
} from './settings.ts';
import type { TownBuilder } from './site.ts';

/** For services whose resources belong to the organization, or are created by no call. */
const nothing: TownBuilder = async () => {};

/** By the names of the services in the sandbox. */
export const BUILDERS: Readonly<Record<string, TownBuilder>> = {
  accessanalyzer: buildAccessAnalyzer,
  account: buildAccount,
  appconfig: buildAppconfig,
  appconfigdata: nothing,
  cloudformation: buildCloudformation,
  cloudtrail: buildCloudtrail,
  cloudwatch: buildCloudwatch,
  dynamodb: buildDynamodb,
  ec2: buildEc2,
  ecr: buildEcr,
  efs: buildEfs,
  elasticache: buildElasticache,
  elbv2: buildElbv2,
  emr: buildEmr,
  eventbridge: buildEventbridge,
  iam: buildIam,
  kms: buildKms,
  lambda: buildLambda,
  logs: buildLogs,
  organizations: nothing,
  rds: buildRds,
  redshift: buildRedshift,
  s3: buildS3,
  s3control: buildS3Control,
  secretsmanager: buildSecretsmanager,
  securityhub: buildSecurityhub,
  servicequotas: nothing,
  sfn: buildSfn,
  sns: buildSns,
  sqs: buildSqs,
  ssm: buildSsm,
  sts: nothing,
};
