/** Groups updates of findings so that one call serves up to a hundred of them. Pure. */
import type { QueueMessage } from '../contract/case.ts';

export type Update = { readonly status: 'SUPPRESSED' | 'NOTIFIED' | 'NEW'; readonly note: string };
export type Message = { readonly id: string; readonly body: QueueMessage };
/** A finding, with every message that asks for the same update of it. */
export type Updated = { readonly id: string; readonly productArn: string; readonly messages: readonly Message[] };
export type Group = { readonly update: Update; readonly findings: readonly Updated[] };

export function updateOf(body: QueueMessage): Update | undefined {
  if (body.kind === 'archive') return { status: 'SUPPRESSED', note: body.case.note ?? 'Suppressed by Suture' };
  if (body.kind === 'notify') return { status: 'NOTIFIED', note: body.note };
  if (body.kind === 'reopen') return { status: 'NEW', note: body.note };
  if (body.kind === 'approval')
    return { status: 'NOTIFIED', note: `Suture, ${body.case.work?.remediation}: planned, waits for approval` };
  return undefined;
}

/** The findings that get the same update, each once. */
export function groupsIn(messages: readonly Message[]): Group[] {
  const groups = Map.groupBy(
    messages.filter(({ body }) => updateOf(body) !== undefined),
    ({ body }) => JSON.stringify(updateOf(body)),
  );
  return [...groups.values()].map((group) => {
    const byFinding = Map.groupBy(group, ({ body: { case: made } }) => `${made.finding.productArn} ${made.finding.id}`);
    const findings = [...byFinding.values()].map((same) => {
      const { id, productArn } = same[0]!.body.case.finding;
      return { id, productArn, messages: same };
    });
    return { update: updateOf(group[0]!.body)!, findings };
  });
}
