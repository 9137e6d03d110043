/**
 * The work of Task states: calls of other services as the machine's role, so that IAM decides.
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { StateError } from '../../states-language/errors.ts';
import type { Execution } from '../../states-language/execution.ts';
import { isObject, type Json, type JsonObject } from '../../states-language/json.ts';
import type { TaskWork } from '../../states-language/run.ts';
import { optimizedError, sdkError } from './integration-errors.ts';

/** Services by the name that `arn:aws:states:::aws-sdk:<name>:<operation>` uses, where it is not the sandbox's own. */
const SDK_NAMES: Readonly<Record<string, string>> = { cloudwatchlogs: 'logs' };
/** SDKs whose members begin in lower case; Step Functions writes all of them in upper case. */
const LOWER_CASE_MEMBERS = new Set(['sfn', 'accessanalyzer']);

type Caller = { kernel: Kernel; place: AwsPlace; session: Principal; execution: Execution };

/** @throws StateError as AWS would name the error. */
export async function performTask(
  kernel: Kernel,
  place: AwsPlace,
  session: Principal,
  { resource, parameters }: TaskWork,
  execution: Execution,
): Promise<Json> {
  const caller = { kernel, place, session, execution };
  if (resource.kind === 'function') {
    const { payload } = await invoke(caller, { FunctionName: resource.arn }, parameters);
    return payload;
  }
  if (!isObject(parameters)) throw new StateError('States.Runtime', 'The Parameters of a task must be a JSON object');
  if (resource.kind === 'sdk') return callSdk(caller, resource.service, resource.action, parameters);
  return optimized[`${resource.service}:${resource.action}`]!(caller, parameters);
}

const optimized: Readonly<Record<string, (caller: Caller, parameters: JsonObject) => Promise<Json>>> = {
  'lambda:invoke': async (caller, { Payload, ...parameters }) => {
    const { output, payload } = await invoke(caller, parameters, Payload ?? {});
    const { ExecutedVersion, StatusCode } = output;
    return { ...defined({ ExecutedVersion }), Payload: payload, ...metadata(caller, StatusCode), StatusCode };
  },
  'sqs:sendMessage': (caller, parameters) => call(caller, 'sqs', 'SendMessage', withText(parameters, 'MessageBody')),
  'sns:publish': (caller, parameters) => call(caller, 'sns', 'Publish', withText(parameters, 'Message')),
  'events:putEvents': async (caller, parameters) => {
    const { arn, stateMachineArn } = caller.execution;
    const entries = (parameters.Entries as readonly JsonObject[]).map((entry) => ({
      ...withText(entry, 'Detail'),
      // "The execution ARN and the state machine ARN are automatically appended to the Resources field."
      Resources: [...((entry.Resources ?? []) as readonly string[]), arn, stateMachineArn],
    }));
    const output = (await call(caller, 'eventbridge', 'PutEvents', { ...parameters, Entries: entries })) as JsonObject;
    if (!output.FailedEntryCount) return output;
    throw new StateError('EventBridge.FailedEntry', JSON.stringify(output));
  },
  'states:startExecution': async (caller, parameters) => {
    const output = await call(caller, 'sfn', 'StartExecution', lowered(withText(parameters, 'Input')));
    return raised(output);
  },
  'dynamodb:getItem': (caller, parameters) => call(caller, 'dynamodb', 'GetItem', parameters),
  'dynamodb:putItem': (caller, parameters) => call(caller, 'dynamodb', 'PutItem', parameters),
  'dynamodb:updateItem': (caller, parameters) => call(caller, 'dynamodb', 'UpdateItem', parameters),
  'dynamodb:deleteItem': (caller, parameters) => call(caller, 'dynamodb', 'DeleteItem', parameters),
};

type Invoked = { StatusCode: number; FunctionError?: string; Payload?: Uint8Array; ExecutedVersion?: string };

async function invoke(caller: Caller, parameters: JsonObject, payload: Json) {
  const input = { ...parameters, Payload: Buffer.from(JSON.stringify(payload)) };
  const output = await request<Invoked>(caller, 'lambda', 'Invoke', input, optimizedError);
  const text = Buffer.from(output.Payload ?? []).toString();
  if (output.FunctionError) throw functionError(text);
  return { output, payload: parsed(text) };
}

/** A function's error is named by its `errorType`; the cause is what the runtime said of it, as it came. */
function functionError(payload: string): StateError {
  const said = parsed(payload);
  if (isObject(said) && typeof said.errorType === 'string') return new StateError(said.errorType, payload);
  const because = `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`;
  return new StateError('Lambda.Unknown', because);
}

function parsed(text: string): Json {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

async function callSdk(caller: Caller, name: string, action: string, parameters: JsonObject): Promise<Json> {
  const service = SDK_NAMES[name] ?? name;
  const operation = action.charAt(0).toUpperCase() + action.slice(1);
  const lower = LOWER_CASE_MEMBERS.has(service);
  const output = await request(caller, service, operation, lower ? lowered(parameters) : parameters, sdkError);
  const plain = asJson(output, (date) => date.toISOString());
  return lower ? raised(plain) : plain;
}

/** A call of an optimized integration; its output also says how the call went over the wire. */
async function call(caller: Caller, service: string, operation: string, input: object): Promise<Json> {
  const output = await request(caller, service, operation, input, optimizedError);
  return { ...(asJson(output, (date) => date.getTime() / 1000) as JsonObject), ...metadata(caller, 200) };
}

async function request<O>(
  { kernel, place, session }: Caller,
  service: string,
  operation: string,
  input: object,
  named: typeof sdkError,
): Promise<O> {
  try {
    return await kernel.clock.during(() => kernel.call<object, O>(session, place, service, operation, input));
  } catch (error) {
    if (error instanceof AwsError) throw named(kernel, service, error);
    if ((error as Error).name === 'Cut') throw named(kernel, service, null);
    throw error;
  }
}

function metadata({ kernel }: Caller, status: number): JsonObject {
  const RequestId = kernel.uuid();
  return {
    SdkHttpMetadata: { HttpHeaders: { 'x-amzn-RequestId': RequestId }, HttpStatusCode: status },
    SdkResponseMetadata: { RequestId },
  };
}

/** Where a service wants text, Step Functions takes JSON too. */
function withText(parameters: JsonObject, member: string): JsonObject {
  const value = parameters[member];
  if (value === undefined || typeof value === 'string') return parameters;
  return { ...parameters, [member]: JSON.stringify(value) };
}

function asJson(value: unknown, date: (value: Date) => Json): Json {
  if (value instanceof Date) return date(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map((item) => asJson(item, date));
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(Object.entries(defined(value)).map(([key, item]) => [key, asJson(item, date)]));
}

const defined = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as JsonObject;

const lowered = (value: Json): JsonObject => renamed(value, (key) => key.charAt(0).toLowerCase() + key.slice(1));
const raised = (value: Json): JsonObject => renamed(value, (key) => key.charAt(0).toUpperCase() + key.slice(1));

const renamed = (value: Json, rename: (key: string) => string): JsonObject =>
  Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [rename(key), item]));
