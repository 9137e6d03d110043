/** The benchmark's organization. Every control is automatic, except for one that waits for approval. */
import type { Job } from '../../functions/domain/job.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { refillBuckets } from '../../sandbox/kernel/throttle.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { executionSummary } from '../../sandbox/services/sfn/summary.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext, type SutureContext } from '../../stacks/context.ts';
import { eventsOf, putOnBus } from '../organization/events.ts';
import { type ControlFinding, controlFinding } from '../organization/finding.ts';
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { makeFaultyResource } from '../organization/make-faulty-resource.ts';
import { startOrganization } from '../organization/organization.ts';
import { copyAssembly } from '../simulate/copy-assembly.ts';
import { automaticPolicy } from '../simulate/policy.ts';
import { ARRIVALS } from './arrivals.ts';

/** Its changes wait for approval. It has the same remediation as EC2.13. */
export const APPROVAL_CONTROL = 'EC2.14';
export const MEASURED_ACCOUNT = '200000000000';
/** Findings of EC2.13 in this account are archived. */
export const SUPPRESSED_ACCOUNT = '200000000001';

const FINDINGS_AT_ONCE = 50;

export class BenchOrganization {
  readonly sandbox: Sandbox;
  readonly context: SutureContext;
  /** Members besides the measured and the suppressed account. */
  readonly otherAccounts: readonly string[];
  readonly #close: () => Promise<void>;
  #findings = 0;

  private constructor(
    sandbox: Sandbox,
    context: SutureContext,
    members: readonly string[],
    close: () => Promise<void>,
  ) {
    this.sandbox = sandbox;
    this.context = context;
    this.otherAccounts = members.slice(2);
    this.#close = close;
  }

  /** @param accounts at least two member accounts */
  static async start(accounts = 2): Promise<BenchOrganization> {
    const context = await readCdkJsonContext();
    const copy = await copyAssembly((await assembly()).directory, { policy: benchPolicy(), accounts: new Map() });
    const members = Array.from({ length: accounts }, (_, n) => String(200_000_000_000 + n));
    const sandbox = await startOrganization({
      context,
      members: members.map((id) => ({ id, name: `account ${id}` })),
      directory: copy.directory,
    });
    limitFunctionInstances(sandbox.kernel);
    return new BenchOrganization(sandbox, context, members, async () => {
      await sandbox.close();
      await copy.remove();
    });
  }

  async makeFaultyFinding(control: string, account: string): Promise<ControlFinding> {
    const { sandbox, context } = this;
    refillBuckets(sandbox.kernel);
    const name = this.#nextName();
    const place = { partition: context.partition, account, region: context.homeRegion };
    const resource = await makeFaultyResource(sandbox, scenariosOf(control), place, control, name);
    return controlFinding({ control, account, region: place.region, resource, name, at: this.#now() });
  }

  /** Returns a finding that policy archives, so its security group need not exist. */
  findingWithoutResource(control: string, account: string): ControlFinding {
    const { partition, homeRegion: region } = this.context;
    const name = this.#nextName();
    const Id = `arn:${partition}:ec2:${region}:${account}:security-group/sg-${name}`;
    const resource = { Type: 'AwsEc2SecurityGroup', Id, Partition: partition, Region: region };
    return controlFinding({ control, account, region, resource, name, at: this.#now() });
  }

  /** Sends findings at the rate of the archive lane's benchmark, and waits. Returns the execution of each finding. */
  async process(findings: readonly ControlFinding[]): Promise<string[]> {
    const { sandbox, context } = this;
    refillBuckets(sandbox.kernel);
    const entries = findings.map((finding) => ({ kind: 'finding', finding: { ...finding } }) as const);
    const events = eventsOf(entries, { context, asIs: false, now: this.#now() });
    for (let first = 0; first < events.length; first += FINDINGS_AT_ONCE) {
      putOnBus(sandbox, context, events.slice(first, first + FINDINGS_AT_ONCE));
      await sandbox.kernel.clock.sleep((FINDINGS_AT_ONCE / ARRIVALS.rate) * 1000);
    }
    await sandbox.settled();
    const executions = new Map(deliveries(sandbox.kernel).map(({ eventId, result }) => [eventId, result]));
    return events.map(({ id }) => {
      const execution = executions.get(id);
      if (execution === undefined) throw new Error(`Event ${id} started no execution.`);
      return String(execution);
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  #now(): Date {
    return new Date(this.sandbox.kernel.clock.now());
  }

  #nextName(): string {
    this.#findings += 1;
    return `bench-${this.#findings}`;
  }
}

/** @throws Error if the execution's finding was neither fixed nor archived */
export function transitionsOf({ sandbox }: BenchOrganization, execution: string): number {
  const { status, transitions, output, cause } = executionSummary(sandbox.kernel, execution);
  const { route, reason, result } = (output ?? {}) as Partial<Job>;
  if (status === 'SUCCEEDED' && (route === 'archive' || result?.kind === 'fixed')) return transitions;
  throw new Error(`${execution} ended ${status} with ${JSON.stringify(result ?? cause ?? reason)}.`);
}

function benchPolicy(): SuturePolicy {
  const policy = automaticPolicy(REMEDIATIONS);
  return {
    ...policy,
    controls: { ...policy.controls, [APPROVAL_CONTROL]: 'approve' },
    suppressions: [
      {
        id: 'bench',
        reason: 'The hosts of this account are reachable on purpose',
        owner: 'platform-team',
        expires: '2099-12-31',
        criteria: { control: 'EC2.13', account: SUPPRESSED_ACCOUNT },
      },
    ],
  };
}
