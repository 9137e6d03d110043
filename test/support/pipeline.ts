/** Suture in a sandbox of its own, as the tests of the workflow drive it. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { RedriveExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { FindingResource } from '../../functions/contract/remediation.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { type ControlFinding, controlFinding } from '../../lab/organization/finding.ts';
import { SAMPLE_MEMBERS, type MemberAccount, runOrganization } from '../../lab/organization/organization.ts';
import { makeFaultyResource } from '../../lab/organization/make-faulty-resource.ts';
import { type Trace, traceOf } from '../../lab/organization/trace.ts';
import type { ClientSettings, SandboxOptions } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { type ExecutionSummary, executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { looking } from './look.ts';
import { deployPolicy, POLICY } from './policy.ts';

export const SHOP = '333333333333';
export const DATA = '444444444444';
/** Its findings of EC2.13 are suppressed. */
export const TRAINING = '555555555555';
/** Has no member role. */
export const ACQUIRED = '666666666666';
export const CLOSED = '777777777777';
const members: readonly MemberAccount[] = [...SAMPLE_MEMBERS, { id: CLOSED, name: 'closed', status: 'SUSPENDED' }];

/** The states of an execution that remediates. */
export const REMEDIATED = ['Triage', 'Route', 'Remediate', 'Outcome', 'Report'];

export type Execution = ExecutionSummary & { readonly arn: string };
export type Pipeline = Awaited<ReturnType<typeof startPipeline>>;

type Where = { readonly account?: string; readonly region?: string };

/** Milliseconds: a function keeps a policy for a minute. */
const POLICY_IS_FRESH = 61_000;

const HOUR = 3_600_000;
/**
 * When every pipeline begins, so that no test depends on the time of day at which it runs: far from full hours, at which caps
 * count anew, and from the schedules.
 */
const MORNING = Date.UTC(2026, 2, 3, 9, 10);

export async function startPipeline(options: Partial<SandboxOptions> = {}) {
  const running = await runOrganization(members, { start: MORNING, ...options });
  const { sandbox, context } = running;
  const { kernel } = sandbox;
  const { partition, securityAccount, homeRegion } = context;
  let made = 0;

  const pipeline = {
    ...running,
    ...looking(running),
    kernel,

    /** Makes the resource of a control's case, faulty unless another case is named, and answers the finding about it. */
    async arrange(
      control: string,
      { account = SHOP, region = homeRegion, scenario: named }: Where & { scenario?: string } = {},
    ) {
      const cases = scenariosOf(control);
      const arrange = named === undefined ? cases.faulty : cases.scenarios[named]!.arrange!;
      made += 1;
      const place = { partition, account, region };
      const resource = await makeFaultyResource(sandbox, { ...cases, faulty: arrange }, place, control, `arranged-${made}`);
      return pipeline.finding(control, resource, { account, region });
    },

    /** A new finding of a control about this resource, known to nobody yet. */
    finding(
      control: string,
      resource: FindingResource,
      { account = SHOP, region = homeRegion }: Where = {},
    ): ControlFinding {
      const at = new Date(kernel.clock.now());
      return controlFinding({ control, account, region, resource, name: kernel.uuid(), at });
    },

    /** Puts findings into Security Hub, all at once, waits until everything has ended and tells what became of each. */
    async deal<const F extends readonly ControlFinding[]>(...findings: F) {
      const put = findings.map((finding) => putFinding(kernel, finding as never).eventId!);
      await sandbox.settled();
      const traces = findings.map((finding, n) => traceOf(kernel, put[n]!, finding));
      return traces as { readonly [K in keyof F]: Trace };
    },

    /** Puts an event with these findings onto the security account's bus, whatever Security Hub knows of them; answers its id. */
    emit(findings: unknown, detailType = 'Security Hub Findings - Imported'): string {
      const home = { partition, account: securityAccount, region: homeRegion };
      return emitServiceEvent(kernel, home, {
        source: 'aws.securityhub',
        'detail-type': detailType,
        detail: { findings },
      });
    },

    /** Starts an execution for each input as it is, waits until everything has ended and tells how they went. */
    async start(...inputs: unknown[]): Promise<Execution[]> {
      const states = new SFNClient(sandbox.administrator(securityAccount));
      const arns: string[] = [];
      for (const each of inputs) {
        const input = JSON.stringify(each);
        const command = new StartExecutionCommand({ stateMachineArn: stateMachineArn(context), input });
        arns.push((await states.send(command)).executionArn!);
      }
      await sandbox.settled();
      return arns.map(pipeline.execution);
    },

    execution: (arn: string): Execution => ({ arn, ...executionSummary(kernel, arn) }),

    /** Redrives an execution, waits until everything has ended and tells how it went. */
    async redrive(executionArn: string): Promise<Execution> {
      await new SFNClient(sandbox.administrator(securityAccount)).send(new RedriveExecutionCommand({ executionArn }));
      await sandbox.settled();
      return pipeline.execution(executionArn);
    },

    /** Deploys a policy and lets time pass until no function works by another. */
    async setPolicy(policy: object): Promise<void> {
      await deployPolicy(new AppConfigClient(sandbox.administrator(securityAccount)), policy);
      await kernel.clock.advance(POLICY_IS_FRESH);
    },

    /** Lets time pass until caps count anew. */
    untilTheNextHour: (): Promise<void> => kernel.clock.advance(HOUR - (kernel.clock.now() % HOUR)),

    /** Has these faults in force while `work` runs. */
    async withFaults<T>(faults: readonly FaultRule[], work: () => Promise<T>): Promise<T> {
      kernel.faults.push(...faults);
      try {
        return await work();
      } finally {
        for (const fault of faults) kernel.faults.splice(kernel.faults.indexOf(fault), 1);
      }
    },

    /** What a client needs to sign as a function that has this role. */
    as: (roleArn: string): ClientSettings =>
      sandbox.clientSettings(kernel.assumeForService('lambda.amazonaws.com', roleArn, 'function')),
  };
  await pipeline.setPolicy(POLICY);
  return pipeline;
}
