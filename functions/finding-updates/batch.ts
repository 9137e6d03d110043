/** Groups updates of findings so that one call serves up to a hundred of them. Pure. */
import type { QueueMessage } from '../contract/case.ts';

/** Findings that BatchUpdateFindings takes in one call. */
export const MOST_FINDINGS = 100;

export type Update = { readonly status: 'SUPPRESSED' | 'NOTIFIED' | 'NEW'; readonly note: string };
export type Message = { readonly id: string; readonly body: QueueMessage };
export type Call = {
  readonly update: Update;
  /** Each finding once, with every message that asks for this update of it. */
  readonly findings: readonly {
    readonly id: string;
    readonly productArn: string;
    readonly messages: readonly Message[];
  }[];
};

export function updateOf(body: QueueMessage): Update | undefined {
  if (body.kind === 'archive') return { status: 'SUPPRESSED', note: body.case.note ?? 'Suppressed by Suture' };
  if (body.kind === 'notify') return { status: 'NOTIFIED', note: body.note };
  if (body.kind === 'reopen') return { status: 'NEW', note: body.note };
  if (body.kind === 'approval')
    return { status: 'NOTIFIED', note: `Suture, ${body.case.work?.remediation}: planned, waits for approval` };
  return undefined;
}

/** One call for each hundred findings that get the same update; a finding that is named twice counts once. */
export function callsFor(messages: readonly Message[]): Call[] {
  const groups = Map.groupBy(
    messages.filter(({ body }) => updateOf(body) !== undefined),
    ({ body }) => JSON.stringify(updateOf(body)),
  );
  return [...groups.values()].flatMap((group) => {
    const byFinding = [
      ...Map.groupBy(group, ({ body }) => `${body.case.finding.productArn} ${body.case.finding.id}`).values(),
    ];
    const findings = byFinding.map((same) => ({
      id: same[0]!.body.case.finding.id,
      productArn: same[0]!.body.case.finding.productArn,
      messages: same,
    }));
    return chunks(findings, MOST_FINDINGS).map((part) => ({ update: updateOf(group[0]!.body)!, findings: part }));
  });
}

const chunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size));
