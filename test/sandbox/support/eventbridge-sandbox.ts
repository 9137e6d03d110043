/** A small sandbox with EventBridge, queues, and services that record the calls of rules. */
import { type At, defineService, type Service } from '../../../sandbox/kernel/kernel.ts';
import { eventbridge } from '../../../sandbox/services/eventbridge/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import { receivedFrom, TEST_ACCOUNT, TEST_PLACE, type TestKernel, testKernel } from './messaging-kernel.ts';

/** `as` is the caller: a role, a service or a user. */
export type TargetCall = { operation: string; input: any; as: string };

export const START_ROLE = `arn:aws:iam::${TEST_ACCOUNT}:role/start`;
export const TARGET_MACHINE = `arn:aws:states:eu-west-1:${TEST_ACCOUNT}:stateMachine:fix`;
export const TARGET_FUNCTION = `arn:aws:lambda:eu-west-1:${TEST_ACCOUNT}:function:fix`;

export class EventBridgeSandbox {
  readonly kernel: TestKernel;
  /** The calls of rules to their targets. */
  readonly calls: TargetCall[] = [];
  /** Answers the calls of rules. */
  answer: () => unknown = () => ({});

  constructor() {
    this.kernel = testKernel([
      eventbridge,
      sqs,
      this.#recordingService('sfn', 'states', 'StartExecution'),
      this.#recordingService('lambda', 'lambda', 'Invoke'),
      this.#recordingService('sns', 'sns', 'Publish'),
    ]);
  }

  call(operation: string, input: object = {}, where = TEST_PLACE) {
    return this.kernel.do('eventbridge', operation, input, where);
  }
  /** Creates a rule with one target. */
  async rule(
    Name: string,
    target: object,
    more: object = { EventPattern: JSON.stringify({ source: ['app'] }) },
  ): Promise<void> {
    await this.call('PutRule', { Name, ...more });
    await this.call('PutTargets', { Rule: Name, Targets: [{ Id: 't', ...target }] });
  }
  /** Puts an event, waits for its deliveries, and returns its id. */
  async put(entry: object = {}): Promise<string> {
    const result = await this.call('PutEvents', {
      Entries: [{ Source: 'app', DetailType: 'Done', Detail: '{"n":1}', ...entry }],
    });
    await this.kernel.settle();
    return result.Entries[0].EventId;
  }
  queue(QueueName: string) {
    return this.kernel.do('sqs', 'CreateQueue', { QueueName });
  }
  messages(queue: string) {
    return receivedFrom(this.kernel, queue);
  }
  /** Returns the payloads of calls to functions. */
  payloads() {
    return this.calls.map(({ input }) => JSON.parse(new TextDecoder().decode(input.Payload)));
  }

  #recordingService(name: string, prefix: string, operation: string): Service {
    const run = (input: object, at: At<object>) => {
      this.calls.push({ operation, input, as: callerOf(at) });
      return this.answer();
    };
    return defineService<any, object>({
      name,
      sdk: {},
      client: class {},
      prefix,
      scope: 'region',
      state: () => ({}),
      operations: { [operation]: { run } } as object,
    });
  }
}

function callerOf({ principal }: At<object>): string {
  if (principal.kind === 'session') return principal.role;
  return (principal.kind === 'service' ? principal.source : principal.arn) ?? '';
}
