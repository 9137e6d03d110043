/**
 * Task states call other services with the machine's role, so that IAM decides.
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { StateError } from '../../states-language/errors.ts';
import type { Execution } from '../../states-language/execution.ts';
import { isObject, type Json, type JsonObject } from '../../states-language/json.ts';
import type { StartedJob, TaskWork } from '../../states-language/run.ts';
import { optimizedError, sdkError } from './integration-errors.ts';

/** Services whose name in `arn:aws:states:::aws-sdk:<name>:<operation>` differs from the sandbox's. */
const SDK_NAMES: Readonly<Record<string, string>> = { cloudwatchlogs: 'logs' };
/** Step Functions capitalizes the members of these SDKs. */
const LOWER_CASE_MEMBERS = new Set(['sfn', 'accessanalyzer']);

type TaskCaller = { kernel: Kernel; place: AwsPlace; session: Principal; execution: Execution };

/** @throws StateError with AWS's name of the error */
export async function performTask(
  caller: TaskCaller,
  { resource, parameters }: TaskWork,
  awaitEnd: (executionArn: string) => Promise<void>,
  job: StartedJob,
): Promise<Json> {
  if (resource.kind === 'function') {
    const { payload } = await invokeFunction(caller, { FunctionName: resource.arn }, parameters);
    return payload;
  }
  if (!isObject(parameters)) throw new StateError('States.Runtime', 'The Parameters of a task must be a JSON object');
  if (resource.kind === 'sdk') return callSdk(caller, resource.service, resource.action, parameters);
  const response = await OPTIMIZED_INTEGRATIONS[`${resource.service}:${resource.action}`]!(caller, parameters);
  return resource.sync ? endOfNested(caller, response as JsonObject, awaitEnd, job) : response;
}

/**
 * Returns the end of the execution that a task started, with its input and output as JSON. Stops it if the task
 * ends earlier.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
async function endOfNested(
  caller: TaskCaller,
  response: JsonObject,
  awaitEnd: (executionArn: string) => Promise<void>,
  { submitted, signal }: StartedJob,
): Promise<Json> {
  const executionArn = response.ExecutionArn as string;
  const stop = () => void callOptimized(caller, 'sfn', 'StopExecution', { executionArn }).catch(() => {});
  submitted(response);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  await awaitEnd(executionArn);
  signal.removeEventListener('abort', stop);
  const described = await callOptimized(caller, 'sfn', 'DescribeExecution', { executionArn });
  const end = { ...capitalizeKeys(described), ...parsedMembers(described as JsonObject) };
  if (end.Status !== 'SUCCEEDED') throw new StateError('States.TaskFailed', JSON.stringify(end));
  return end;
}

const parsedMembers = ({ input, output }: JsonObject): JsonObject =>
  withoutUndefined({
    Input: parseJson(input as string),
    Output: output === undefined ? undefined : parseJson(output as string),
  });

const OPTIMIZED_INTEGRATIONS: Readonly<Record<string, (caller: TaskCaller, parameters: JsonObject) => Promise<Json>>> =
  {
    'lambda:invoke': async (caller, { Payload, ...parameters }) => {
      const { output, payload } = await invokeFunction(caller, parameters, Payload ?? {});
      const { ExecutedVersion, StatusCode } = output;
      return {
        ...withoutUndefined({ ExecutedVersion }),
        Payload: payload,
        ...responseMetadata(caller, StatusCode),
        StatusCode,
      };
    },
    'sqs:sendMessage': (caller, parameters) =>
      callOptimized(caller, 'sqs', 'SendMessage', stringifyMember(parameters, 'MessageBody')),
    'sns:publish': (caller, parameters) =>
      callOptimized(caller, 'sns', 'Publish', stringifyMember(parameters, 'Message')),
    'events:putEvents': async (caller, parameters) => {
      const { arn, stateMachineArn } = caller.execution;
      const entries = (parameters.Entries as readonly JsonObject[]).map((entry) => ({
        ...stringifyMember(entry, 'Detail'),
        // "The execution ARN and the state machine ARN are automatically appended to the Resources field."
        Resources: [...((entry.Resources ?? []) as readonly string[]), arn, stateMachineArn],
      }));
      const output = (await callOptimized(caller, 'eventbridge', 'PutEvents', {
        ...parameters,
        Entries: entries,
      })) as JsonObject;
      if (!output.FailedEntryCount) return output;
      throw new StateError('EventBridge.FailedEntry', JSON.stringify(output));
    },
    'states:startExecution': async (caller, parameters) => {
      const output = await callOptimized(
        caller,
        'sfn',
        'StartExecution',
        lowerCaseKeys(stringifyMember(parameters, 'Input')),
      );
      return capitalizeKeys(output);
    },
    'dynamodb:getItem': (caller, parameters) => callOptimized(caller, 'dynamodb', 'GetItem', parameters),
    'dynamodb:putItem': (caller, parameters) => callOptimized(caller, 'dynamodb', 'PutItem', parameters),
    'dynamodb:updateItem': (caller, parameters) => callOptimized(caller, 'dynamodb', 'UpdateItem', parameters),
    'dynamodb:deleteItem': (caller, parameters) => callOptimized(caller, 'dynamodb', 'DeleteItem', parameters),
  };

type InvokeOutput = { StatusCode: number; FunctionError?: string; Payload?: Uint8Array; ExecutedVersion?: string };

async function invokeFunction(caller: TaskCaller, parameters: JsonObject, payload: Json) {
  const input = { ...parameters, Payload: Buffer.from(JSON.stringify(payload)) };
  const output = await callService<InvokeOutput>(caller, 'lambda', 'Invoke', input, optimizedError);
  const text = Buffer.from(output.Payload ?? []).toString();
  if (output.FunctionError) throw functionError(text);
  return { output, payload: parseJson(text) };
}

/** The error's name is `errorType`, its cause the unchanged payload. */
function functionError(payload: string): StateError {
  const payloadObject = parseJson(payload);
  if (isObject(payloadObject) && typeof payloadObject.errorType === 'string')
    return new StateError(payloadObject.errorType, payload);
  const cause = `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`;
  return new StateError('Lambda.Unknown', cause);
}

function parseJson(text: string): Json {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

async function callSdk(caller: TaskCaller, name: string, action: string, parameters: JsonObject): Promise<Json> {
  const service = SDK_NAMES[name] ?? name;
  const operation = action.charAt(0).toUpperCase() + action.slice(1);
  const lower = LOWER_CASE_MEMBERS.has(service);
  const output = await callService(
    caller,
    service,
    operation,
    lower ? lowerCaseKeys(parameters) : parameters,
    sdkError,
  );
  const plain = asJson(output, (date) => date.toISOString());
  return lower ? capitalizeKeys(plain) : plain;
}

/** The output of an optimized integration includes the HTTP metadata. */
async function callOptimized(caller: TaskCaller, service: string, operation: string, input: object): Promise<Json> {
  const output = await callService(caller, service, operation, input, optimizedError);
  return { ...(asJson(output, (date) => date.getTime() / 1000) as JsonObject), ...responseMetadata(caller, 200) };
}

async function callService<O>(
  { kernel, place, session }: TaskCaller,
  service: string,
  operation: string,
  input: object,
  toStateError: typeof sdkError,
): Promise<O> {
  try {
    return await kernel.clock.during(() => kernel.call<object, O>(session, place, service, operation, input));
  } catch (error) {
    if (error instanceof AwsError) throw toStateError(kernel, service, error);
    if ((error as Error).name === 'ConnectionDrop') throw toStateError(kernel, service, null);
    throw error;
  }
}

function responseMetadata({ kernel }: TaskCaller, status: number): JsonObject {
  const RequestId = kernel.uuid();
  return {
    SdkHttpMetadata: { HttpHeaders: { 'x-amzn-RequestId': RequestId }, HttpStatusCode: status },
    SdkResponseMetadata: { RequestId },
  };
}

function stringifyMember(parameters: JsonObject, member: string): JsonObject {
  const value = parameters[member];
  if (value === undefined || typeof value === 'string') return parameters;
  return { ...parameters, [member]: JSON.stringify(value) };
}

function asJson(value: unknown, date: (value: Date) => Json): Json {
  if (value instanceof Date) return date(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map((item) => asJson(item, date));
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(Object.entries(withoutUndefined(value)).map(([key, item]) => [key, asJson(item, date)]));
}

const withoutUndefined = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as JsonObject;

const lowerCaseKeys = (value: Json): JsonObject =>
  renameKeys(value, (key) => key.charAt(0).toLowerCase() + key.slice(1));
const capitalizeKeys = (value: Json): JsonObject =>
  renameKeys(value, (key) => key.charAt(0).toUpperCase() + key.slice(1));

const renameKeys = (value: Json, rename: (key: string) => string): JsonObject =>
  Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [rename(key), item]));
