import * as accessanalyzer from '@aws-sdk/client-accessanalyzer';
import * as awsAccount from '@aws-sdk/client-account';
import * as apigateway from '@aws-sdk/client-api-gateway';
import * as appconfig from '@aws-sdk/client-appconfig';
import * as appconfigdata from '@aws-sdk/client-appconfigdata';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as cloudwatchLogs from '@aws-sdk/client-cloudwatch-logs';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecr from '@aws-sdk/client-ecr';
import * as efs from '@aws-sdk/client-efs';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as elasticache from '@aws-sdk/client-elasticache';
import * as emr from '@aws-sdk/client-emr';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as organizations from '@aws-sdk/client-organizations';
import * as ram from '@aws-sdk/client-ram';
import * as rds from '@aws-sdk/client-rds';
import * as redshift from '@aws-sdk/client-redshift';
import * as s3 from '@aws-sdk/client-s3';
import * as s3control from '@aws-sdk/client-s3-control';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as securityhub from '@aws-sdk/client-securityhub';
import * as servicequotas from '@aws-sdk/client-service-quotas';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import type { WireService } from '../../../sandbox/wire/wire.ts';

/** Clients that call the API of another, so that requests do not tell which of them sent them. */
export const SHARING_CLIENTS: Readonly<Record<string, string>> = { docdb: 'rds', neptune: 'rds' };

/** The other client packages of package.json, by their names without `@aws-sdk/client-`. */
export const WIRE_SERVICES: Readonly<Record<string, WireService>> = {
  accessanalyzer: service('accessanalyzer', accessanalyzer, accessanalyzer.AccessAnalyzerClient),
  account: service('account', awsAccount, awsAccount.AccountClient),
  'api-gateway': service('apigateway', apigateway, apigateway.APIGatewayClient),
  appconfig: service('appconfig', appconfig, appconfig.AppConfigClient),
  appconfigdata: service('appconfigdata', appconfigdata, appconfigdata.AppConfigDataClient),
  cloudformation: service('cloudformation', cloudformation, cloudformation.CloudFormationClient),
  cloudtrail: service('cloudtrail', cloudtrail, cloudtrail.CloudTrailClient),
  cloudwatch: service('cloudwatch', cloudwatch, cloudwatch.CloudWatchClient),
  'cloudwatch-logs': service('logs', cloudwatchLogs, cloudwatchLogs.CloudWatchLogsClient),
  dynamodb: service('dynamodb', dynamodb, dynamodb.DynamoDBClient),
  ec2: service('ec2', ec2, ec2.EC2Client),
  ecr: service('ecr', ecr, ecr.ECRClient),
  efs: service('efs', efs, efs.EFSClient),
  'elastic-load-balancing-v2': service('elbv2', elbv2, elbv2.ElasticLoadBalancingV2Client),
  elasticache: service('elasticache', elasticache, elasticache.ElastiCacheClient),
  emr: service('emr', emr, emr.EMRClient),
  eventbridge: service('eventbridge', eventbridge, eventbridge.EventBridgeClient),
  iam: service('iam', iam, iam.IAMClient),
  kms: service('kms', kms, kms.KMSClient),
  lambda: service('lambda', lambda, lambda.LambdaClient),
  organizations: service('organizations', organizations, organizations.OrganizationsClient),
  ram: service('ram', ram, ram.RAMClient),
  rds: service('rds', rds, rds.RDSClient),
  redshift: service('redshift', redshift, redshift.RedshiftClient),
  s3: service('s3', s3, s3.S3Client),
  's3-control': service('s3control', s3control, s3control.S3ControlClient),
  'secrets-manager': service('secretsmanager', secretsmanager, secretsmanager.SecretsManagerClient),
  securityhub: service('securityhub', securityhub, securityhub.SecurityHubClient),
  'service-quotas': service('servicequotas', servicequotas, servicequotas.ServiceQuotasClient),
  sfn: service('sfn', sfn, sfn.SFNClient),
  sns: service('sns', sns, sns.SNSClient),
  sqs: service('sqs', sqs, sqs.SQSClient),
  ssm: service('ssm', ssm, ssm.SSMClient),
  sts: service('sts', sts, sts.STSClient),
};

function service(name: string, sdk: any, client: WireService['client']): WireService {
  return { name, sdk, client, prefix: name };
}
