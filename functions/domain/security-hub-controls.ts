/**
 * Controls of Security Hub, to tell one that Suture does not handle from a typing mistake. The ids are of AWS's user guide,
 * read in November 2026: https://docs.aws.amazon.com/securityhub/latest/userguide/controls-config-resources.html has those that
 * AWS Config's records decide, https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html the periodic ones of that
 * standard. Retired ones stay, because findings of them may be open. Some periodic ones of other standards are missing.
 */
import { suggestion } from './nearest.ts';

/** Numbers and ranges of them. `Autoscaling` is AWS's own spelling of one control. */
const NUMBERS: Readonly<Record<string, string>> = {
  Account: '1 2',
  ACM: '1-3',
  Amplify: '1 2',
  APIGateway: '1-5 8-11',
  AppConfig: '1-4',
  AppFlow: '1',
  AppRunner: '1 2',
  AppSync: '1 2 4-6',
  Athena: '2-4',
  AutoScaling: '1-6 9 10',
  Autoscaling: '5',
  Backup: '1-5',
  Batch: '1-4',
  Bedrock: '1',
  BedrockAgentCore: '1-7',
  CloudFormation: '1-4',
  CloudFront: '1-10 12-17',
  CloudTrail: '1-7 9 11',
  CloudWatch: '1-17',
  CodeArtifact: '1',
  CodeBuild: '1-5 7',
  CodeGuruProfiler: '1',
  CodeGuruReviewer: '1',
  Cognito: '1-6',
  Config: '1',
  Connect: '1 2',
  DataFirehose: '1',
  DataSync: '1 2',
  Detective: '1',
  DMS: '1-13',
  DocumentDB: '1-6',
  DynamoDB: '1-7',
  EC2: '1-4 6-10 12-25 28 29 33-58 60 170-183',
  ECR: '1-5',
  ECS: '1-5 8-10 12-21',
  EFS: '1-8',
  EKS: '1-3 6-9',
  ElastiCache: '1-7',
  ElasticBeanstalk: '1-3',
  ELB: '1-10 12-14 16-18',
  EMR: '1-4',
  ES: '1-9',
  EventBridge: '2-4',
  FraudDetector: '1-4',
  FSx: '1-5',
  GlobalAccelerator: '1',
  Glue: '1 3 4',
  GuardDuty: '1-13',
  IAM: '1-28',
  Inspector: '1-4',
  IoT: '1-6',
  IoTEvents: '1-3',
  IoTSiteWise: '1-5',
  IoTTwinMaker: '1-4',
  IoTWireless: '1-3',
  IVS: '1-3',
  Keyspaces: '1',
  Kinesis: '1-3',
  KMS: '1-5',
  Lambda: '1-3 5-7',
  Macie: '1 2',
  MQ: '2-6',
  MSK: '1-6',
  Neptune: '1-9',
  NetworkFirewall: '1-10',
  Opensearch: '1-11',
  PCA: '1 2',
  RDS: '1-37 40-48 50 51',
  Redshift: '1-4 6-18',
  RedshiftServerless: '1-3 5 6',
  Route53: '1 2',
  S3: '1-15 17 19 20 22-25',
  SageMaker: '1-25',
  SecretsManager: '1-5',
  ServiceCatalog: '1',
  SES: '1-3',
  SNS: '1-4',
  SQS: '1-3',
  SSM: '1-7',
  StepFunctions: '1 2',
  Transfer: '1-7',
  WAF: '1-4 6-8 10-12',
  WorkSpaces: '1 2',
};

const numbersIn = (text: string): number[] =>
  text.split(' ').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, n) => from + n);
  });

export const SECURITY_HUB_CONTROLS: readonly string[] = Object.entries(NUMBERS).flatMap(([service, numbers]) =>
  numbersIn(numbers).map((number) => `${service}.${number}`),
);

export function isSecurityHubControl(name: string): boolean {
  const [service = '', number] = name.split('.');
  return Object.hasOwn(NUMBERS, service) && numbersIn(NUMBERS[service]!).includes(Number(number));
}

/** Says of a control that Suture does not handle whether it exists, else which one may be meant. */
export const unhandledControl = (control: string, handled: readonly string[]): string =>
  isSecurityHubControl(control)
    ? 'AWS has this control, but Suture does not handle it; suture catalogue lists those that it does'
    : `no remediation handles this control${suggestion(control, handled)}`;
