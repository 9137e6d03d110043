/** How many decisions triage makes in a second of one processor, over findings of every kind. */
import { FindingEvent } from '../../functions/domain/finding.ts';
import { triage } from '../../functions/triage/decide.ts';
import type { ControlFinding } from '../organization/finding.ts';
import { asGuardDuty, asOcsf } from '../organization/foreign-findings.ts';
import { eventOf, KNOWN } from './own-time.ts';

/** What becomes of a finding that is remediated, ignored, rejected, not a finding in ASFF. */
const TWISTS: readonly ((finding: ControlFinding) => object)[] = [
  (finding) => finding,
  (finding) => ({ ...finding, Workflow: { Status: 'NOTIFIED' } }),
  (finding) => ({ ...finding, Compliance: { ...finding.Compliance, Status: 'PASSED' } }),
  (finding) => ({ ...finding, AwsAccountId: '444444444444' }),
  (finding) => ({ ...finding, GeneratorId: 'security-control/Unknown.1' }),
  asGuardDuty,
  asOcsf,
];

/** @param milliseconds of processor time to measure for */
export function decisionsASecond(findings: readonly ControlFinding[], milliseconds: number): number {
  const events = findings.flatMap((finding) =>
    TWISTS.map((twist) => FindingEvent.parse(JSON.parse(JSON.stringify(eventOf(twist(finding)))))),
  );
  const decideAll = () => {
    for (const event of events) triage(event, event.detail.findings[0], KNOWN);
  };
  for (let warmUp = 0; warmUp < 5; warmUp++) decideAll();
  const before = process.threadCpuUsage();
  const elapsed = () => {
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  let decisions = 0;
  while (elapsed() < milliseconds) {
    decideAll();
    decisions += events.length;
  }
  return (decisions / elapsed()) * 1000;
}
