/** A sandbox with Lambda and its event sources only. It allows every action except those that a test denies. */

import {
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type Service,
} from '../../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../../sandbox/runtime/logs.ts';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { dynamodbStreams } from '../../../sandbox/services/dynamodbstreams/index.ts';
import { lambda } from '../../../sandbox/services/lambda/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { callOperation, placedIn } from './call-operation.ts';
import { bundle, fakeKernel } from './runtime-kernel.ts';

export const LAMBDA_PLACE: AwsPlace = { partition: 'aws', account: '111111111111', region: 'eu-central-1' };
const DEPLOYER: Principal = { kind: 'root', arn: 'arn:aws:iam::111111111111:root', account: '111111111111' };
export const LAMBDA_ROLE = 'arn:aws:iam::111111111111:role/greeter';

export type Services = {
  readonly kernel: Kernel;
  /** Excludes needs for writing logs, which each new instance has. */
  readonly needs: Need[];
  readonly denied: Set<string>;
  readonly failures: unknown[];
  call<O = any>(service: string, operation: string, input: object, principal?: Principal): Promise<O>;
  make(
    type: string,
    properties: object,
    logicalId?: string,
  ): Promise<{ ref: string; attributes?: Record<string, any> }>;
  makeFunction(source: string, properties?: object): Promise<string>;
  settled(): Promise<void>;
};

export const lambdaAndQueues = (parts: Partial<Kernel> = {}): Services => {
  const services: Service[] = [lambda, sqs, dynamodb, dynamodbStreams];
  const states = new Map<string, unknown>();
  const needs: Need[] = [];
  const denied = new Set<string>();
  const failures: unknown[] = [];

  const kernel: Kernel = fakeKernel({
    services,
    state: (stateKey, { account, region }) => {
      const key = `${stateKey.name} ${account} ${region}`;
      if (!states.has(key)) states.set(key, stateKey.state({ ...LAMBDA_PLACE, account, region }));
      return states.get(key) as any;
    },
    authorize: (principal, at, need) => {
      if (!need.action.startsWith('logs:')) needs.push(need);
      if (denied.has(need.action)) throw new AwsError('AccessDeniedException', `not authorized: ${need.action}`, 403);
      return { ...need, ...at, principal: principal.kind, decision: 'Allow', by: [] };
    },
    call: (...call) => kernel.clock.during(() => callOperation(kernel, ...call)),
    background: (_, work) => void kernel.clock.during(work).catch((error) => failures.push(error)),
    ...parts,
  });

  const call: Services['call'] = (name, operation, input, principal = DEPLOYER) =>
    kernel.clock.during(() => kernel.call(principal, LAMBDA_PLACE, name, operation, input)) as any;
  const make: Services['make'] = async (type, properties, logicalId = 'Thing') => {
    const service = services.find(({ resources }) => resources?.[type])!;
    return service.resources![type]!.create(properties, placedIn(kernel, service, DEPLOYER, LAMBDA_PLACE), {
      logicalId,
      stack: 'Stack',
    });
  };
  const makeFunction: Services['makeFunction'] = async (source, properties = {}) => {
    const made = await make('AWS::Lambda::Function', {
      Code: { directory: bundle(source) },
      Role: LAMBDA_ROLE,
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      FunctionName: 'greet',
      MemorySize: 256,
      ...properties,
    });
    return made.ref;
  };
  const settled = async () => {
    await kernel.clock.settled();
    if (failures.length > 0) throw failures[0];
  };
  return { kernel, needs, denied, failures, call, make, makeFunction, settled };
};

/** The lines that a function logged as JSON lists, one for each invocation. */
export const loggedBatches = ({ kernel }: Services): any[] =>
  functionLogs(kernel)
    .filter(({ line }) => line.startsWith('['))
    .map(({ line }) => JSON.parse(line));

export const payloadOf = ({ Payload }: { Payload?: Uint8Array }): any => JSON.parse(Buffer.from(Payload!).toString());
