/**
 * Controls of Security Hub: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
 * Not all of them; enough to tell a control that Suture does not handle from a typing mistake.
 */
import { suggestion } from './nearest.ts';

const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  APIGateway: [1, 3, 5, 9],
  Account: [1],
  AppSync: [2],
  Athena: [4],
  AutoScaling: [1, 3, 5],
  CloudFormation: [1, 3],
  CloudFront: [1, 3, 5, 9, 10, 12, 15],
  CloudTrail: [1, 2, 3, 4, 5, 6, 7],
  CloudWatch: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
  CodeBuild: [2, 3, 4, 5, 7],
  Cognito: [6],
  Config: [1],
  DMS: [6],
  DataFirehose: [1],
  DocumentDB: [2, 3, 4, 5],
  DynamoDB: [1, 2, 5, 6],
  EC2: [
    1, 2, 4, 6, 7, 8, 10, 12, 13, 14, 15, 16, 18, 19, 21, 22, 23, 25, 51, 53, 54, 55, 56, 57, 170, 171, 172, 180, 181,
    182,
  ],
  ECR: [1, 2, 3],
  ECS: [2, 5, 12],
  EFS: [7],
  EKS: [1, 8],
  ELB: [1, 4, 5, 6, 7, 8, 9, 12, 14, 17],
  EMR: [2],
  ElastiCache: [1, 2, 3],
  ElasticBeanstalk: [1, 2, 3],
  FSx: [1],
  GuardDuty: [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
  IAM: [2, 3, 4, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 22, 26, 27, 28],
  Inspector: [1, 2, 3, 4],
  KMS: [3, 4, 5],
  Kinesis: [1, 3],
  Lambda: [1],
  MQ: [2],
  MSK: [4],
  Macie: [1, 2],
  Neptune: [2, 3, 4, 5, 7, 8],
  NetworkFirewall: [2, 9, 10],
  Opensearch: [4, 5, 8, 10],
  RDS: [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 34, 35, 36, 37, 40, 42, 43, 47, 48, 50],
  Redshift: [1, 3, 4, 6, 7, 10, 15],
  RedshiftServerless: [1, 2, 3, 6],
  Route53: [2],
  S3: [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 17, 22, 23],
  SES: [3],
  SNS: [1, 2, 4],
  SQS: [1, 3],
  SSM: [1, 4, 6, 7],
  SageMaker: [3],
  SecretsManager: [1, 3, 4],
  StepFunctions: [1],
  WAF: [11, 12],
};

export const SECURITY_HUB_CONTROLS: readonly string[] = Object.entries(NUMBERS).flatMap(([service, numbers]) =>
  numbers.map((number) => `${service}.${number}`),
);

export function isSecurityHubControl(name: string): boolean {
  const [service = '', number] = name.split('.');
  return NUMBERS[service]?.includes(Number(number)) ?? false;
}

/** Says of a control that Suture does not handle whether it exists, else which one may be meant. */
export const unhandledControl = (control: string, handled: readonly string[]): string =>
  isSecurityHubControl(control)
    ? 'AWS has this control, but Suture does not handle it; suture catalogue lists those that it does'
    : `no remediation handles this control${suggestion(control, handled)}`;
