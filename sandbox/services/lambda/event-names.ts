/**
 * CloudTrail names Lambda's events after the version of the API that introduced the operation, also for clients of later
 * versions. https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  '20150331': [
    'CreateAlias',
    'CreateFunction',
    'GetAlias',
    'ListAliases',
    'ListEventSourceMappings',
    'ListFunctions',
    'ListVersionsByFunction',
    'PublishVersion',
    'UpdateEventSourceMapping',
  ],
  '20150331v2': ['AddPermission', 'GetFunction', 'GetFunctionConfiguration', 'GetPolicy', 'RemovePermission'],
  '20160819': ['GetAccountSettings'],
  '20170331': ['ListTags'],
  '20170331v2': ['TagResource'],
  '20171031': ['DeleteFunctionConcurrency', 'PutFunctionConcurrency'],
};

export const LAMBDA_EVENT_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(VERSIONS).flatMap(([version, operations]) =>
    operations.map((operation) => [operation, `${operation}${version}`]),
  ),
);
