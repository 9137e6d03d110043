import type { ControlFinding } from '../organization/finding.ts';
import type { Usage } from './cost.ts';
import type { Meter } from './meter.ts';
import { type BenchOrganization, SUPPRESSED_ACCOUNT, transitionsOf } from './organization.ts';

export type Throughput = Usage & {
  readonly seconds: number;
  readonly processorSeconds: number;
};

/** An account can have many resources of these controls. */
const CONTROLS = ['EC2.13', 'S3.8', 'KMS.4'];

export async function remediateMany(
  organization: BenchOrganization,
  meter: Meter,
  findings: number,
  accounts: readonly string[],
): Promise<Throughput> {
  const faulty: ControlFinding[] = [];
  for (let n = 0; n < findings; n++) {
    const account = accounts[Math.floor(n / CONTROLS.length) % accounts.length]!;
    faulty.push(await organization.makeFaultyFinding(CONTROLS[n % CONTROLS.length]!, account));
  }
  return measure(organization, meter, faulty);
}

export const archiveMany = (organization: BenchOrganization, meter: Meter, findings: number): Promise<Throughput> =>
  measure(
    organization,
    meter,
    Array.from({ length: findings }, () => organization.findingWithoutResource('EC2.13', SUPPRESSED_ACCOUNT)),
  );

/** @throws Error if a finding is neither fixed nor archived */
async function measure(
  organization: BenchOrganization,
  meter: Meter,
  findings: readonly ControlFinding[],
): Promise<Throughput> {
  meter.read();
  const startedMs = performance.now();
  const usageBefore = process.cpuUsage();
  const executions = await organization.process(findings);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(usageBefore);
  return {
    ...meter.read(),
    findings: findings.length,
    transitions: executions.reduce((sum, execution) => sum + transitionsOf(organization, execution), 0),
    seconds,
    processorSeconds: (user + system) / 1e6,
  };
}
