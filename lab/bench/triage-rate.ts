import { FindingEvent } from '../../functions/domain/finding.ts';
import { triage } from '../../functions/triage/decide.ts';
import type { ControlFinding } from '../organization/finding.ts';
import { asGuardDuty, asOcsf } from '../organization/foreign-findings.ts';
import { importEventOf, TRIAGE_INPUT } from './own-time.ts';

/** Triage remediates, ignores or rejects these variations of a finding. */
const VARIATIONS: readonly ((finding: ControlFinding) => object)[] = [
  (finding) => finding,
  (finding) => ({ ...finding, Workflow: { Status: 'NOTIFIED' } }),
  (finding) => ({ ...finding, Compliance: { ...finding.Compliance, Status: 'PASSED' } }),
  (finding) => ({ ...finding, AwsAccountId: '444444444444' }),
  (finding) => ({ ...finding, GeneratorId: 'security-control/Unknown.1' }),
  asGuardDuty,
  asOcsf,
];
const WARM_UP_ROUNDS = 5;

/**
 * Counts decisions in a second of one processor.
 * @param durationMs processor time of the measurement
 */
export function decisionsPerSecond(findings: readonly ControlFinding[], durationMs: number): number {
  const events = findings.flatMap((finding) =>
    VARIATIONS.map((vary) => FindingEvent.parse(JSON.parse(JSON.stringify(importEventOf(vary(finding)))))),
  );
  const decideAll = () => {
    for (const event of events) triage(event, event.detail.findings[0], TRIAGE_INPUT);
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round++) decideAll();
  const before = process.threadCpuUsage();
  const elapsedMs = () => {
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  let decisions = 0;
  // At least once: some machines count processor time in steps longer than a short measurement.
  do {
    decideAll();
    decisions += events.length;
  } while (elapsedMs() < durationMs);
  return (decisions / elapsedMs()) * 1000;
}
