/**
 * Names the errors of the services that Step Functions calls. Optimized integrations use the names of the AWS SDK for
 * Java 1, `aws-sdk` integrations those of version 2. An error in the service's model keeps its own name; others (access
 * denied, for example) get the service's general name.
 */
import type { AwsError, Kernel } from '../../kernel/kernel.ts';
import { StateError } from '../../states-language/errors.ts';

type Names = { readonly prefix: string; readonly general: string; readonly service: string };

const OPTIMIZED_NAMES: Readonly<Record<string, Names>> = {
  lambda: { prefix: 'Lambda', general: 'AWSLambdaException', service: 'AWSLambda' },
  sqs: { prefix: 'SQS', general: 'AmazonSQSException', service: 'AmazonSQS' },
  sns: { prefix: 'SNS', general: 'AmazonSNSException', service: 'AmazonSNS' },
  eventbridge: { prefix: 'EventBridge', general: 'AmazonEventBridgeException', service: 'AmazonEventBridge' },
  sfn: { prefix: 'StepFunctions', general: 'AWSStepFunctionsException', service: 'AWSStepFunctions' },
  dynamodb: { prefix: 'DynamoDB', general: 'AmazonDynamoDBException', service: 'AmazonDynamoDBv2' },
};

const JAVA_NAMES: Readonly<Record<string, string>> = {
  accessanalyzer: 'AccessAnalyzer',
  appconfig: 'AppConfig',
  appconfigdata: 'AppConfigData',
  cloudtrail: 'CloudTrail',
  cloudwatch: 'CloudWatch',
  dynamodb: 'DynamoDb',
  eventbridge: 'EventBridge',
  s3control: 'S3Control',
  securityhub: 'SecurityHub',
};

/** @param error null if no response came */
export function optimizedError(kernel: Kernel, service: string, error: AwsError | null): StateError {
  const { prefix, general, service: called } = OPTIMIZED_NAMES[service]!;
  if (!error) return unreachable(prefix);
  if (error.code === 'NotModelled') return new StateError(error.code, error.message);
  const { code, status, message } = error;
  const where = `Service: ${called}; Status Code: ${status}; Error Code: ${code}; Request ID: ${kernel.uuid()}; Proxy: null`;
  return new StateError(`${prefix}.${modelledErrorName(kernel, service, code) ?? general}`, `${message} (${where})`);
}

export function sdkError(kernel: Kernel, service: string, error: AwsError | null): StateError {
  const prefix = JAVA_NAMES[service] ?? service.charAt(0).toUpperCase() + service.slice(1);
  if (!error) return unreachable(prefix);
  if (error.code === 'NotModelled') return new StateError(error.code, error.message);
  const where = `Service: ${prefix}, Status Code: ${error.status}, Request ID: ${kernel.uuid()}`;
  const name = modelledErrorName(kernel, service, error.code) ?? `${prefix}Exception`;
  return new StateError(`${prefix}.${name}`, `${error.message} (${where})`);
}

const unreachable = (prefix: string) =>
  new StateError(`${prefix}.SdkClientException`, 'Unable to execute HTTP request: Connection reset');

function modelledErrorName(kernel: Kernel, service: string, code: string): string | null {
  const sdk = kernel.services?.find(({ name }) => name === service)?.sdk ?? {};
  if (!(code in sdk)) return null;
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
