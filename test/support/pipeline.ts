/** Suture in a sandbox of its own, for the tests of the workflow. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { RedriveExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { FindingResource } from '../../functions/contract/remediation.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { type ControlFinding, controlFinding } from '../../lab/organization/finding.ts';
import { makeFaultyResource } from '../../lab/organization/make-faulty-resource.ts';
import { type MemberAccount, runOrganization, SAMPLE_MEMBERS } from '../../lab/organization/organization.ts';
import { type Trace, traceOf } from '../../lab/organization/trace.ts';
import type { ClientSettings, SandboxOptions } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { emitServiceEvent } from '../../sandbox/services/eventbridge/publish.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { type ExecutionSummary, executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { inspectOrganization } from './inspection.ts';
import { deployPolicy, TEST_POLICY } from './policy.ts';

export const SHOP = '333333333333';
export const DATA = '444444444444';
/** The policy suppresses its findings of EC2.13. */
export const TRAINING = '555555555555';
/** Has no member role. */
export const ACQUIRED = '666666666666';
export const CLOSED = '777777777777';
const MEMBERS: readonly MemberAccount[] = [...SAMPLE_MEMBERS, { id: CLOSED, name: 'closed', status: 'SUSPENDED' }];

/** The states that an execution with a remediation enters. */
export const REMEDIATION_PATH = ['Triage', 'Route', 'Remediate', 'Outcome', 'Report'];

export type PipelineExecution = ExecutionSummary & { readonly arn: string };
export type Pipeline = Awaited<ReturnType<typeof startPipeline>>;

type FindingPlace = { readonly account?: string; readonly region?: string };

/** Functions cache the policy for a minute. */
const POLICY_CACHE_MS = 61_000;

const HOUR = 3_600_000;
/**
 * The start of every pipeline's clock, so that no test depends on the time of day. It is far from full hours, at which
 * caps reset, and from the schedules.
 */
const START_TIME = Date.UTC(2026, 2, 3, 9, 10);

export async function startPipeline(options: Partial<SandboxOptions> = {}) {
  const running = await runOrganization(MEMBERS, { start: START_TIME, ...options });
  const { sandbox, context } = running;
  const { kernel } = sandbox;
  const { partition, securityAccount, homeRegion } = context;
  let arrangedCount = 0;

  const pipeline = {
    ...running,
    ...inspectOrganization(running),
    kernel,

    /** Creates the resource of a control's scenario, by default the faulty one. Returns the finding about it. */
    async arrange(
      control: string,
      { account = SHOP, region = homeRegion, scenario: named }: FindingPlace & { scenario?: string } = {},
    ) {
      const definition = scenariosOf(control);
      const arrange = named === undefined ? definition.faulty : definition.scenarios[named]!.arrange!;
      arrangedCount += 1;
      const place = { partition, account, region };
      const resource = await makeFaultyResource(
        sandbox,
        { ...definition, faulty: arrange },
        place,
        control,
        `arranged-${arrangedCount}`,
      );
      return pipeline.finding(control, resource, { account, region });
    },

    /** Returns a new finding of a control about this resource, without putting it into Security Hub. */
    finding(
      control: string,
      resource: FindingResource,
      { account = SHOP, region = homeRegion }: FindingPlace = {},
    ): ControlFinding {
      const at = new Date(kernel.clock.now());
      return controlFinding({ control, account, region, resource, name: kernel.uuid(), at });
    },

    /** Puts all findings into Security Hub at once and waits until every execution ended. Returns the trace of each. */
    async process<const F extends readonly ControlFinding[]>(...findings: F) {
      const put = findings.map((finding) => putFinding(kernel, finding as never).eventId!);
      await sandbox.settled();
      const traces = findings.map((finding, n) => traceOf(kernel, put[n]!, finding));
      return traces as { readonly [K in keyof F]: Trace };
    },

    /** Puts an event with these findings onto the security account's bus, without Security Hub. Returns the event's id. */
    emit(findings: unknown, detailType = 'Security Hub Findings - Imported'): string {
      const home = { partition, account: securityAccount, region: homeRegion };
      return emitServiceEvent(kernel, home, {
        source: 'aws.securityhub',
        'detail-type': detailType,
        detail: { findings },
      });
    },

    /** Starts an execution for each input and waits until every execution ended. */
    async start(...inputs: unknown[]): Promise<PipelineExecution[]> {
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

    execution: (arn: string): PipelineExecution => ({ arn, ...executionSummary(kernel, arn) }),

    /** Redrives an execution and waits until every execution ended. */
    async redrive(executionArn: string): Promise<PipelineExecution> {
      await new SFNClient(sandbox.administrator(securityAccount)).send(new RedriveExecutionCommand({ executionArn }));
      await sandbox.settled();
      return pipeline.execution(executionArn);
    },

    /** Deploys a policy and advances the clock until no function has an older one cached. */
    async setPolicy(policy: object): Promise<void> {
      await deployPolicy(new AppConfigClient(sandbox.administrator(securityAccount)), policy);
      await kernel.clock.advance(POLICY_CACHE_MS);
    },

    /** Advances the clock to the next full hour, at which caps reset. */
    advanceToNextHour: (): Promise<void> => kernel.clock.advance(HOUR - (kernel.clock.now() % HOUR)),

    /** Injects the faults while `work` runs. */
    async withFaults<T>(faults: readonly FaultRule[], work: () => Promise<T>): Promise<T> {
      kernel.faults.push(...faults);
      try {
        return await work();
      } finally {
        for (const fault of faults) kernel.faults.splice(kernel.faults.indexOf(fault), 1);
      }
    },

    /** Returns the settings of a client that signs as a function with this role. */
    as: (roleArn: string): ClientSettings =>
      sandbox.clientSettings(kernel.assumeForService('lambda.amazonaws.com', roleArn, 'function')),
  };
  await pipeline.setPolicy(TEST_POLICY);
  return pipeline;
}
