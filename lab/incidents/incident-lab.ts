/** A running organization, with the steps of incidents. */
import { DeleteRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { OwnFunction } from '../../functions/domain/names.ts';
import type { ClientSettings, Sandbox } from '../../sandbox/index.ts';
import type { AwsPlace, FaultRule, Kernel } from '../../sandbox/kernel/kernel.ts';
import { findingById, putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import type { Assembly } from '../../stacks/assembly.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { arrangeFinding } from '../organization/arrange-finding.ts';
import type { ControlFinding } from '../organization/finding.ts';
import { LAB_NAMES } from '../organization/lab-names.ts';
import type { RunningOrganization } from '../organization/organization.ts';
import type { Receiver } from '../organization/receiver.ts';
import { type Trace, traceOf } from '../organization/trace.ts';
import { endsAfter, type IncidentEnd, MINUTE_MS } from './incident-end.ts';

export const [SHOP, DATA, TRAINING] = ['333333333333', '444444444444', '555555555555'] as const;
const INLINE_POLICY = 'maintenance';
/** Queues, retries of Lambda and deliveries of CloudTrail take less. */
const CONSEQUENCES_MS = 5 * MINUTE_MS;
/** An archived finding waits for its update so long. */
const LONGEST_EXECUTION_MS = 26 * 60 * MINUTE_MS;

export type FindingPlace = { readonly account?: string; readonly region?: string; readonly scenario?: string };

export type RoleAt = { readonly account: string; readonly name: string };

export class IncidentLab implements RunningOrganization {
  readonly sandbox: Sandbox;
  readonly kernel: Kernel;
  readonly context: SutureContext;
  readonly synthesized: Assembly;
  /** Stands in for the places of messages; absent without the stack. */
  readonly receiver: Receiver | undefined;
  /** Rules that incidents have disabled. */
  readonly disabledRules: string[] = [];
  #arrangedCount = 0;
  #beganAt = 0;

  constructor({ sandbox, context, synthesized }: RunningOrganization, receiver?: Receiver) {
    this.synthesized = synthesized;
    this.sandbox = sandbox;
    this.kernel = sandbox.kernel;
    this.context = context;
    this.receiver = receiver;
  }

  now(): number {
    return this.kernel.clock.now();
  }

  security(): ClientSettings {
    return this.sandbox.administrator(this.context.securityAccount);
  }
  service(): ClientSettings {
    return this.sandbox.administrator(this.context.serviceAccount);
  }
  securityPlace(): AwsPlace {
    const { partition, securityAccount, homeRegion } = this.context;
    return { partition, account: securityAccount, region: homeRegion };
  }
  /** Returns the options with which commands run as an administrator of the security account. */
  operator() {
    const { clock } = this.kernel;
    return {
      aws: this.security(),
      now: () => clock.now(),
      sleep: (milliseconds: number) => clock.sleep(milliseconds),
      progress: () => {},
      yes: true,
      json: true,
    };
  }

  /** Creates a faulty resource, by default in the account of the shop, and returns its finding. */
  arrange(
    control: string,
    { account = SHOP, region = this.context.homeRegion, scenario }: FindingPlace = {},
  ): Promise<ControlFinding> {
    this.#arrangedCount += 1;
    return arrangeFinding(this, control, `incident-${this.#arrangedCount}`, { account, region, scenario });
  }
  /** Puts findings into Security Hub, which sends them to Suture. Returns the ids of the events. */
  put(...findings: readonly ControlFinding[]): string[] {
    return findings.map((finding) => putFinding(this.kernel, finding as never).eventId!);
  }
  /** Puts findings, and waits until every execution has ended. */
  async process(...findings: readonly ControlFinding[]): Promise<Trace[]> {
    const events = this.put(...findings);
    await this.settle();
    return this.traces(events, findings);
  }
  /** Call it before each incident: `settle` does not wait for the executions of earlier ones. */
  begin(): void {
    this.#beganAt = this.now();
  }
  /**
   * Advances the clock until the executions of this incident have ended, and what they cause has happened. Those of
   * other incidents may wait for days.
   */
  async settle(): Promise<void> {
    const giveUpAt = this.now() + LONGEST_EXECUTION_MS;
    await this.kernel.clock.advance(CONSEQUENCES_MS);
    while ((await this.#isRunning()) && this.now() < giveUpAt) await this.kernel.clock.advance(MINUTE_MS);
  }
  async #isRunning(): Promise<boolean> {
    const command = new ListExecutionsCommand({
      stateMachineArn: stateMachineArn(this.context),
      statusFilter: 'RUNNING',
    });
    const { executions = [] } = await new SFNClient(this.security()).send(command);
    return executions.some(({ startDate }) => startDate!.getTime() >= this.#beganAt);
  }
  /** Puts findings, and advances the clock. */
  async processFor(ms: number, ...findings: readonly ControlFinding[]): Promise<Trace[]> {
    const events = this.put(...findings);
    await this.kernel.clock.advance(ms);
    return this.traces(events, findings);
  }
  traces(events: readonly string[], findings: readonly ControlFinding[]): Trace[] {
    return findings.map((finding, n) => traceOf(this.kernel, events[n]!, finding));
  }
  workflowStatus({ Id }: ControlFinding): string | undefined {
    return findingById(this.kernel, Id)?.Workflow?.Status;
  }

  /** Returns client settings with the credentials of a role. */
  as(roleArn: string): ClientSettings {
    return this.sandbox.clientSettings(this.kernel.assumeForService('lambda.amazonaws.com', roleArn, 'function'));
  }
  roleOf(functionName: OwnFunction): RoleAt {
    return { account: this.context.securityAccount, name: LAB_NAMES.function(functionName) };
  }

  /** Denies a role actions by an inline policy, as an administrator could. Ends when the policy is deleted. */
  async deny({ account, name: RoleName }: RoleAt, ...Action: readonly string[]): Promise<IncidentEnd> {
    const iam = () => new IAMClient(this.sandbox.administrator(account));
    const Statement = [{ Effect: 'Deny', Action, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: INLINE_POLICY, PolicyDocument }));
    return {
      isOver: async () => {
        const { PolicyNames = [] } = await iam().send(new ListRolePoliciesCommand({ RoleName }));
        return !PolicyNames.includes(INLINE_POLICY);
      },
      resolve: () => iam().send(new DeleteRolePolicyCommand({ RoleName, PolicyName: INLINE_POLICY })),
    };
  }

  /** Reserves no concurrency for a function, so that Lambda throttles it. Ends when the function may run again. */
  async throttle(functionName: OwnFunction): Promise<IncidentEnd> {
    const FunctionName = LAB_NAMES.function(functionName);
    const lambda = () => new LambdaClient(this.security());
    await lambda().send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    return {
      isOver: async () => {
        const { ReservedConcurrentExecutions: reserved } = await lambda().send(
          new GetFunctionConcurrencyCommand({ FunctionName }),
        );
        return reserved !== 0;
      },
      resolve: () => lambda().send(new DeleteFunctionConcurrencyCommand({ FunctionName })),
    };
  }

  /** Invokes a function as its schedule does. Returns the error's name, if it fails. */
  async invoke(functionName: OwnFunction, payload: object = {}): Promise<string | undefined> {
    const FunctionName = LAB_NAMES.function(functionName);
    const Payload = JSON.stringify(payload);
    const { FunctionError } = await new LambdaClient(this.security()).send(
      new InvokeCommand({ FunctionName, Payload }),
    );
    return FunctionError;
  }

  /** Invokes a function as an event does, with Lambda's two retries. */
  async invokeAsync(functionName: OwnFunction, payload: object): Promise<void> {
    const FunctionName = LAB_NAMES.function(functionName);
    const input = { FunctionName, InvocationType: 'Event', Payload: JSON.stringify(payload) } as const;
    await new LambdaClient(this.security()).send(new InvokeCommand(input));
  }

  /** Injects a fault that AWS's APIs cannot cause. Ends after `ms`. */
  faultFor(ms: number, rule: FaultRule): IncidentEnd {
    const end = endsAfter(this.kernel.clock, ms);
    this.kernel.faults.push((call) => (end.isOver() ? undefined : rule(call)));
    return end;
  }
}
