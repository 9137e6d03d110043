/** The organization in which the benchmark measures: every control automatic, one that asks, one account's suppressed. */
import type { Job } from '../../functions/domain/job.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refill } from '../../sandbox/kernel/throttle.ts';
import { deliveries } from '../../sandbox/services/eventbridge/index.ts';
import { executionSummary } from '../../sandbox/services/sfn/index.ts';
import { assembly } from '../../stacks/assembly.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { eventsOf, putOnBus } from '../organization/events.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { sampleContext, startOrganization } from '../organization/organization.ts';
import { makeFaulty } from '../organization/seed.ts';
import { changedAssembly } from '../simulate/assembly.ts';
import { everything } from '../simulate/policy.ts';
import { limitAsSimulated } from '../simulate/run.ts';
import { ARRIVALS } from './archive-figures.ts';

/** A control whose changes wait for approval, handled by the same remediation as EC2.13. */
export const APPROVED = 'EC2.14';
/** Its findings of EC2.13 are archived. */
export const SUPPRESSED = '200000000001';
export const MEASURED = '200000000000';

/** Findings that arrive in one moment. */
const AT_ONCE = 50;

export type Place = { readonly account: string; readonly region?: string };

export type Organization = {
  readonly sandbox: Sandbox;
  readonly context: SutureContext;
  /** Member accounts besides the two that are named above. */
  readonly others: readonly string[];
  /** A finding of the control about a resource that has just been made faulty. */
  arrange(control: string, place: Place): Promise<ControlFinding>;
  /** A finding of the control about a resource that nobody will look at. */
  about(control: string, place: Place): ControlFinding;
  /** Sends the findings, so many a second as the archive lane is measured with, waits until nothing is under way any more, and tells which execution dealt with each. */
  deal(findings: readonly ControlFinding[]): Promise<string[]>;
  close(): Promise<void>;
};

/** Starts it with so many member accounts, two at least. */
export async function startMeasured(accounts = 2): Promise<Organization> {
  const context = await sampleContext();
  const changed = await changedAssembly((await assembly()).directory, { policy: policy(), accounts: new Map() });
  const members = Array.from({ length: accounts }, (_, n) => String(200_000_000_000 + n));
  const sandbox = await startOrganization({
    context,
    members: members.map((id) => ({ id, name: `account ${id}` })),
    directory: changed.directory,
  });
  limitAsSimulated(sandbox.kernel);
  let made = 0;
  const nextName = () => `bench-${++made}`;
  return {
    sandbox,
    context,
    others: members.slice(2),
    async arrange(control, { account, region = context.homeRegion }) {
      refill(sandbox.kernel);
      const name = nextName();
      const place = { partition: context.partition, account, region };
      const resource = await makeFaulty(sandbox, scenariosOf(control), place, control, name);
      return controlFinding({ control, account, region, resource, name, at: new Date(sandbox.kernel.clock.now()) });
    },
    about(control, { account, region = context.homeRegion }) {
      const name = nextName();
      const Id = `arn:${context.partition}:ec2:${region}:${account}:security-group/sg-${name}`;
      const resource = { Type: 'AwsEc2SecurityGroup', Id, Partition: context.partition, Region: region };
      return controlFinding({ control, account, region, resource, name, at: new Date(sandbox.kernel.clock.now()) });
    },
    async deal(findings) {
      refill(sandbox.kernel);
      const entries = findings.map((finding) => ({ kind: 'finding', finding: { ...finding } }) as const);
      const events = eventsOf(entries, { context, asIs: false, now: new Date(sandbox.kernel.clock.now()) });
      for (let first = 0; first < events.length; first += AT_ONCE) {
        putOnBus(sandbox, context, events.slice(first, first + AT_ONCE));
        await sandbox.kernel.clock.sleep((AT_ONCE / ARRIVALS.rate) * 1000);
      }
      await sandbox.settled();
      const executions = new Map(deliveries(sandbox.kernel).map(({ eventId, result }) => [eventId, result]));
      return events.map(({ id }) => {
        const execution = executions.get(id);
        if (execution === undefined) throw new Error(`Event ${id} started no execution.`);
        return String(execution);
      });
    },
    async close() {
      await sandbox.close();
      await changed.remove();
    },
  };
}

/** States that an execution entered. @throws when its finding was neither fixed nor archived */
export function transitionsOf({ sandbox }: Organization, execution: string): number {
  const { status, transitions, output, cause } = executionSummary(sandbox.kernel, execution);
  const { route, reason, result } = (output ?? {}) as Partial<Job>;
  if (status === 'SUCCEEDED' && (route === 'archive' || result?.kind === 'fixed')) return transitions;
  throw new Error(`${execution} ended ${status} with ${JSON.stringify(result ?? cause ?? reason)}.`);
}

function policy(): SuturePolicy {
  const all = everything(remediations);
  return {
    ...all,
    controls: { ...all.controls, [APPROVED]: 'approve' },
    suppressions: [
      {
        id: 'bench',
        reason: 'The hosts of this account are reachable on purpose',
        owner: 'platform-team',
        expires: '2099-12-31',
        criteria: { control: 'EC2.13', account: SUPPRESSED },
      },
    ],
  };
}
