/** Suture in a sandbox, for tests of the workflow. */
import { RedriveExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { FindingResource } from '../../functions/contract/remediation.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { deployPolicy } from '../../lab/organization/deploy-policy.ts';
import { type ControlFinding, controlFinding } from '../../lab/organization/finding.ts';
import { limitFunctionInstances } from '../../lab/organization/function-instances.ts';
import { makeFaultyResource } from '../../lab/organization/make-faulty-resource.ts';
import {
  type MemberAccount,
  type RunningOptions,
  runOrganization,
  SAMPLE_MEMBERS,
} from '../../lab/organization/organization.ts';
import { pauseSchedules } from '../../lab/organization/schedules.ts';
import { type Trace, traceOf } from '../../lab/organization/trace.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { type ExecutionSummary, executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { putMessage } from '../../sandbox/services/sqs/send.ts';
import { SQS } from '../../sandbox/services/sqs/state.ts';
import { invokerRoleArn, proxyRoleArn, stateMachineArn, workflowRoleArn } from '../../stacks/names.ts';
import { InspectedOrganization } from './inspection.ts';
import { TEST_POLICY } from './policy.ts';

export const SHOP = '333333333333';
export const DATA = '444444444444';
/** The policy suppresses this account's findings of EC2.13. */
export const TRAINING = '555555555555';
/** This account has no member role. */
export const ACQUIRED = '666666666666';
export const CLOSED = '777777777777';
const MEMBERS: readonly MemberAccount[] = [...SAMPLE_MEMBERS, { id: CLOSED, name: 'closed', status: 'SUSPENDED' }];

export const REMEDIATION_PATH = ['Triage', 'Route', 'Remediate', 'Outcome', 'Report'];

export type PipelineExecution = ExecutionSummary & { readonly arn: string };

type FindingPlace = { readonly account?: string; readonly region?: string };

const POLICY_CACHE_MS = 61_000;

const HOUR = 3_600_000;
/**
 * Every pipeline's clock starts at this time, so that no test depends on the time of day. It is far from full hours, at
 * which caps reset, and from the schedules.
 */
const START_TIME = Date.UTC(2026, 2, 3, 9, 10);

export async function startPipeline(options: RunningOptions = {}): Promise<Pipeline> {
  const pipeline = new Pipeline(await runOrganization(MEMBERS, { start: START_TIME, ...options }));
  limitFunctionInstances(pipeline.kernel);
  await pipeline.setPolicy(TEST_POLICY);
  return pipeline;
}

export class Pipeline extends InspectedOrganization {
  #arrangedCount = 0;

  /** Creates the resource of a control's scenario, by default the faulty one. Returns the finding about it. */
  async arrange(
    control: string,
    { account = SHOP, region = this.context.homeRegion, scenario }: FindingPlace & { scenario?: string } = {},
  ): Promise<ControlFinding> {
    const definition = scenariosOf(control);
    const faulty = scenario === undefined ? definition.faulty : definition.scenarios[scenario]!.arrange!;
    this.#arrangedCount += 1;
    const place = { partition: this.context.partition, account, region };
    const name = `arranged-${this.#arrangedCount}`;
    const resource = await makeFaultyResource(this.sandbox, { ...definition, faulty }, place, control, name);
    return this.finding(control, resource, { account, region });
  }

  finding(
    control: string,
    resource: FindingResource,
    { account = SHOP, region = this.context.homeRegion }: FindingPlace = {},
  ): ControlFinding {
    const at = new Date(this.kernel.clock.now());
    return controlFinding({ control, account, region, resource, name: this.kernel.uuid(), at });
  }

  /** Puts all findings into Security Hub at once and waits until every execution ended. */
  async process<const F extends readonly ControlFinding[]>(...findings: F) {
    const put = findings.map((finding) => putFinding(this.kernel, finding as never).eventId!);
    await this.sandbox.settled();
    const traces = findings.map((finding, n) => traceOf(this.kernel, put[n]!, finding));
    return traces as { readonly [K in keyof F]: Trace };
  }

  /** Bypasses Security Hub. Returns the event's id. */
  emit(findings: unknown, detailType = 'Security Hub Findings - Imported'): string {
    const { partition, securityAccount, homeRegion } = this.context;
    const home = { partition, account: securityAccount, region: homeRegion };
    return emitServiceEvent(this.kernel, home, {
      source: 'aws.securityhub',
      'detail-type': detailType,
      detail: { findings },
    });
  }

  /** Waits until every execution ended. */
  async start(...inputs: unknown[]): Promise<PipelineExecution[]> {
    const states = new SFNClient(this.securityAdministrator());
    const arns: string[] = [];
    for (const each of inputs) {
      const input = JSON.stringify(each);
      const command = new StartExecutionCommand({ stateMachineArn: stateMachineArn(this.context), input });
      arns.push((await states.send(command)).executionArn!);
    }
    await this.sandbox.settled();
    return arns.map((arn) => this.execution(arn));
  }

  execution(arn: string): PipelineExecution {
    return { arn, ...executionSummary(this.kernel, arn) };
  }

  /** Waits until every execution ended. */
  async redrive(executionArn: string): Promise<PipelineExecution> {
    await new SFNClient(this.securityAdministrator()).send(new RedriveExecutionCommand({ executionArn }));
    await this.sandbox.settled();
    return this.execution(executionArn);
  }

  /** Advances the clock until no function has an older policy cached. */
  async setPolicy(policy: object): Promise<void> {
    await deployPolicy(this.securityAdministrator(), policy, () => this.kernel.clock.now());
    await this.kernel.clock.advance(POLICY_CACHE_MS);
  }

  /**
   * Disables the schedules but `except`: their functions cost more in hours of virtual time than what a test waits for.
   * Returns a function that enables them again.
   */
  pauseSchedules({ except }: { readonly except?: readonly string[] } = {}): Promise<() => Promise<void>> {
    return pauseSchedules(this.sandbox, [this.context.securityAccount, this.context.serviceAccount], except);
  }

  advanceToNextHour(): Promise<void> {
    const { clock } = this.kernel;
    return clock.advance(HOUR - (clock.now() % HOUR));
  }

  async withFaults<T>(faults: readonly FaultRule[], work: () => Promise<T>): Promise<T> {
    const rules = this.kernel.faults;
    rules.push(...faults);
    try {
      return await work();
    } finally {
      for (const fault of faults) rules.splice(rules.indexOf(fault), 1);
    }
  }

  /** With the credentials of a function of the security account, such as `suture-report`. */
  asSecurityFunction(name: string): ClientSettings {
    return this.as(`arn:${this.context.partition}:iam::${this.context.securityAccount}:role/suture/${name}`);
  }

  /** With the credentials of a function of the service account. */
  asServiceFunction(path: string, name: string): ClientSettings {
    return this.as(`arn:${this.context.partition}:iam::${this.context.serviceAccount}:role${path}${name}`);
  }

  as(roleArn: string): ClientSettings {
    return this.sandbox.clientSettings(this.kernel.assumeForService('lambda.amazonaws.com', roleArn, 'function'));
  }

  /** With the invoker role, as the proxy takes it: nobody else may. */
  async asInvoker(): Promise<ClientSettings> {
    const proxy = this.as(proxyRoleArn(this.context));
    const { Credentials } = await new STSClient(proxy).send(
      new AssumeRoleCommand({ RoleArn: invokerRoleArn(this.context), RoleSessionName: 'trial' }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
    return { ...proxy, credentials };
  }

  /** With the credentials of the workflow's state machine. */
  asWorkflow(): ClientSettings {
    const machine = stateMachineArn(this.context);
    const role = workflowRoleArn(this.context);
    return this.sandbox.clientSettings(this.kernel.assumeForService('states.amazonaws.com', role, 'states', machine));
  }

  /** Puts a message into a dead-letter queue as SQS does it, because nobody else may. */
  putDeadLetter(name: string, body: object): void {
    const { partition, securityAccount, homeRegion } = this.context;
    const place = { partition, account: securityAccount, region: homeRegion };
    const state = this.kernel.state(SQS, place);
    const queue = state.queues.get(name)!;
    const now = this.kernel.clock.now();
    putMessage({ ...place, kernel: this.kernel, state } as never, queue, {
      id: this.kernel.uuid(),
      body: JSON.stringify(body),
      attributes: {},
      senderId: 'AROALOST:session',
      sentAt: now,
      visibleAt: now,
      receiveCount: 14,
    });
  }
}
