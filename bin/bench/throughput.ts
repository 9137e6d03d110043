/** Many findings at once through the whole sandbox: how many it deals with in a second, and what AWS would bill. */
import { executionSummary } from '../../sandbox/services/sfn.ts';
import type { Bill } from './cost.ts';
import type { Meter } from './meter.ts';
import { type Organization, SUPPRESSED } from './organization.ts';

export type Throughput = Bill & {
  readonly seconds: number;
  /** Of all threads. */
  readonly processorSeconds: number;
};

/** Controls of resources, of which an account can have many. */
const CONTROLS = ['EC2.13', 'S3.8', 'KMS.4'];

/** Findings of several services, dealt out over the accounts, each about a resource of its own. */
export function remediateMany(organization: Organization, meter: Meter, findings: number, accounts: readonly string[]) {
  return dealWithMany(organization, meter, findings, (n) => ({
    control: CONTROLS[n % CONTROLS.length]!,
    account: accounts[Math.floor(n / CONTROLS.length) % accounts.length]!,
    outcome: 'FIXED',
  }));
}

export const archiveMany = (organization: Organization, meter: Meter, findings: number) =>
  dealWithMany(organization, meter, findings, () => ({ control: 'EC2.13', account: SUPPRESSED, outcome: 'ARCHIVED' }));

type Kind = { readonly control: string; readonly account: string; readonly outcome: string };

/** @throws when one of them ends otherwise */
async function dealWithMany(
  organization: Organization,
  meter: Meter,
  findings: number,
  kindOf: (n: number) => Kind,
): Promise<Throughput> {
  const arranged = [];
  for (let n = 0; n < findings; n++) {
    const { control, account } = kindOf(n);
    arranged.push(await organization.arrange(control, { account }));
  }
  meter.read();
  const [started, before] = [performance.now(), process.cpuUsage()];
  const traces = await organization.deal(arranged);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const odd = traces.find(({ outcome }, n) => outcome !== kindOf(n).outcome);
  if (odd) throw new Error(`${odd.control} in ${odd.account} ended ${odd.outcome}: ${odd.reason}`);
  const { kernel } = organization.sandbox;
  const transitions = traces.reduce(
    (sum, trace) => sum + executionSummary(kernel, trace.execution!.arn).transitions,
    0,
  );
  return { ...meter.read(), findings, transitions, seconds, processorSeconds: (user + system) / 1e6 };
}
