/** A sandbox with Lambda and SQS only. It allows every action except those that a test denies. */

import {
  type At,
  AwsError,
  type AwsPlace,
  type Kernel,
  type Need,
  type Principal,
  type Service,
  type ServiceOperation,
} from '../../../sandbox/kernel/kernel.ts';
import { lambda } from '../../../sandbox/services/lambda/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { bundle, fakeKernel } from './runtime-kernel.ts';

export const LAMBDA_PLACE: AwsPlace = { partition: 'aws', account: '111111111111', region: 'eu-central-1' };
const DEPLOYER: Principal = { kind: 'root', arn: 'arn:aws:iam::111111111111:root', account: '111111111111' };
export const LAMBDA_ROLE = 'arn:aws:iam::111111111111:role/greeter';

export type Services = {
  readonly kernel: Kernel;
  /** Every need that the kernel decided, without those of writing logs, which each new instance has. */
  readonly needs: Need[];
  /** Actions that are denied. */
  readonly denied: Set<string>;
  /** Errors of background work. */
  readonly failures: unknown[];
  call<O = any>(service: string, operation: string, input: object, principal?: Principal): Promise<O>;
  /** Creates a CloudFormation resource. */
  make(
    type: string,
    properties: object,
    logicalId?: string,
  ): Promise<{ ref: string; attributes?: Record<string, any> }>;
  /** Creates a function with this source as index.mjs. */
  makeFunction(source: string, properties?: object): Promise<string>;
  settled(): Promise<void>;
};

export const lambdaAndQueues = (parts: Partial<Kernel> = {}): Services => {
  const services: Service[] = [lambda, sqs];
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
    call: (principal, at, service, operation, input) => call(service, operation, input as object, principal, at) as any,
    background: (_, work) => void kernel.clock.during(work).catch((error) => failures.push(error)),
    ...parts,
  });

  const atOf = (service: Service, principal: Principal, where: AwsPlace): At<any> => ({
    ...where,
    kernel,
    principal,
    requestId: kernel.uuid(),
    state: kernel.state(service, where),
  });
  const call = async (
    name: string,
    operation: string,
    input: object,
    principal: Principal = DEPLOYER,
    where = LAMBDA_PLACE,
  ) => {
    const service = services.find((each) => each.name === name)!;
    const model = (service.operations as Record<string, ServiceOperation<any, any, any>>)[operation]!;
    const at = atOf(service, principal, where);
    return kernel.clock.during(async () => {
      for (const need of model.needs?.(input, at) ?? []) kernel.authorize(principal, where, need);
      return model.run(input, at);
    });
  };
  const make: Services['make'] = async (type, properties, logicalId = 'Thing') => {
    const service = services.find(({ resources }) => resources?.[type])!;
    return service.resources![type]!.create(properties, atOf(service, DEPLOYER, LAMBDA_PLACE), {
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

/** Returns a function's answer, parsed. */
export const payloadOf = ({ Payload }: { Payload?: Uint8Array }): any => JSON.parse(Buffer.from(Payload!).toString());
