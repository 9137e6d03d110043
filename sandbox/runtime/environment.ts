/** A function instance's environment variables, none of which are the host's. */
import type { Kernel } from '../kernel/kernel.ts';
import type { FunctionCode } from './function-code.ts';

type Credentials = ReturnType<Kernel['credentials']>;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export const instanceEnvironment = (
  code: FunctionCode,
  logStreamName: string,
  endpoint: string,
  credentials: Credentials,
): Record<string, string> => ({
  ...code.variables,
  AWS_REGION: code.region,
  AWS_DEFAULT_REGION: code.region,
  AWS_EXECUTION_ENV: `AWS_Lambda_${code.runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: code.name,
  AWS_LAMBDA_FUNCTION_VERSION: code.version,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(code.memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: code.logGroupName,
  AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken ?? '',
  _HANDLER: code.handler,
  LAMBDA_TASK_ROOT: code.directory,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  // A folder that does not exist, so that SDK clients do not read the host's configuration.
  HOME: '/home/sbx_user1051',
  AWS_ENDPOINT_URL: endpoint,
  // Their clients prefix the host name, which an IP address does not allow.
  AWS_ENDPOINT_URL_S3: onLocalhost(endpoint),
  AWS_ENDPOINT_URL_S3_CONTROL: onLocalhost(endpoint),
  AWS_ENDPOINT_URL_SFN: onLocalhost(endpoint),
});

const onLocalhost = (endpoint: string): string => {
  const url = new URL(endpoint);
  url.hostname = 'localhost';
  return url.origin;
};
