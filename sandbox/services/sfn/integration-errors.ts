/**
 * How Step Functions names the errors of the services that it calls. Optimized integrations name them as the AWS SDK
 * for Java 1 does, `aws-sdk` ones as version 2 does: an error that the service's model has by its own name, any other
 * (access denied, for example) by the service's general one.
 */
import type { AwsError, Kernel } from '../../kernel/kernel.ts';
import { StateError } from '../../states-language/errors.ts';

type Names = { readonly prefix: string; readonly general: string; readonly service: string };

const optimizedNames: Readonly<Record<string, Names>> = {
  lambda: { prefix: 'Lambda', general: 'AWSLambdaException', service: 'AWSLambda' },
  sqs: { prefix: 'SQS', general: 'AmazonSQSException', service: 'AmazonSQS' },
  sns: { prefix: 'SNS', general: 'AmazonSNSException', service: 'AmazonSNS' },
  eventbridge: { prefix: 'EventBridge', general: 'AmazonEventBridgeException', service: 'AmazonEventBridge' },
  sfn: { prefix: 'StepFunctions', general: 'AWSStepFunctionsException', service: 'AWSStepFunctions' },
  dynamodb: { prefix: 'DynamoDB', general: 'AmazonDynamoDBException', service: 'AmazonDynamoDBv2' },
};

/** Class names of the SDK for Java 2, where they are not the service's name with a capital. */
const javaNames: Readonly<Record<string, string>> = {
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

/** @param error null where no answer came */
export function optimizedError(kernel: Kernel, service: string, error: AwsError | null): StateError {
  const { prefix, general, service: called } = optimizedNames[service]!;
  if (!error) return unreachable(prefix);
  if (error.code === 'NotModelled') return new StateError(error.code, error.message);
  const { code, status, message } = error;
  const where = `Service: ${called}; Status Code: ${status}; Error Code: ${code}; Request ID: ${kernel.uuid()}; Proxy: null`;
  return new StateError(`${prefix}.${modelled(kernel, service, code) ?? general}`, `${message} (${where})`);
}

export function sdkError(kernel: Kernel, service: string, error: AwsError | null): StateError {
  const prefix = javaNames[service] ?? service.charAt(0).toUpperCase() + service.slice(1);
  if (!error) return unreachable(prefix);
  if (error.code === 'NotModelled') return new StateError(error.code, error.message);
  const where = `Service: ${prefix}, Status Code: ${error.status}, Request ID: ${kernel.uuid()}`;
  const name = modelled(kernel, service, error.code) ?? `${prefix}Exception`;
  return new StateError(`${prefix}.${name}`, `${error.message} (${where})`);
}

const unreachable = (prefix: string) =>
  new StateError(`${prefix}.SdkClientException`, 'Unable to execute HTTP request: Connection reset');

/** The class name of an error that the service's model has. */
function modelled(kernel: Kernel, service: string, code: string): string | null {
  const sdk = kernel.services?.find(({ name }) => name === service)?.sdk ?? {};
  if (!(code in sdk)) return null;
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
