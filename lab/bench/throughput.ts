/** Many findings at once through the whole sandbox: how many it deals with in a second, and what AWS would bill. */
import type { ControlFinding } from '../organization/finding.ts';
import type { Bill } from './cost.ts';
import type { Meter } from './meter.ts';
import { type Organization, SUPPRESSED, transitionsOf } from './organization.ts';

export type Throughput = Bill & {
  readonly seconds: number;
  /** Of all threads. */
  readonly processorSeconds: number;
};

/** Controls of resources, of which an account can have many. */
const CONTROLS = ['EC2.13', 'S3.8', 'KMS.4'];

/** Findings of several services, dealt out over the accounts, each about a resource of its own. */
export async function remediateMany(
  organization: Organization,
  meter: Meter,
  findings: number,
  accounts: readonly string[],
): Promise<Throughput> {
  const arranged: ControlFinding[] = [];
  for (let n = 0; n < findings; n++) {
    const account = accounts[Math.floor(n / CONTROLS.length) % accounts.length]!;
    arranged.push(await organization.arrange(CONTROLS[n % CONTROLS.length]!, { account }));
  }
  return dealWith(organization, meter, arranged);
}

export const archiveMany = (organization: Organization, meter: Meter, findings: number): Promise<Throughput> =>
  dealWith(
    organization,
    meter,
    Array.from({ length: findings }, () => organization.about('EC2.13', { account: SUPPRESSED })),
  );

/** @throws when one of them is not dealt with */
async function dealWith(
  organization: Organization,
  meter: Meter,
  findings: readonly ControlFinding[],
): Promise<Throughput> {
  meter.read();
  const [started, before] = [performance.now(), process.cpuUsage()];
  const executions = await organization.deal(findings);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return {
    ...meter.read(),
    findings: findings.length,
    transitions: executions.reduce((sum, execution) => sum + transitionsOf(organization, execution), 0),
    seconds,
    processorSeconds: (user + system) / 1e6,
  };
}
