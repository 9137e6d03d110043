/** `suture approvals`, `suture approve`, `suture deny`: changes that wait for a person. */
import type { AnswerRequest, ApprovalDetail, ApprovalView } from '../../functions/domain/approval.ts';
import { type ApprovalApi, approvalApi } from '../clients/approvals.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { confirmed } from '../output/confirm.ts';
import { colour, onTerminal, SHADE_OF_RISK, table, tabSeparated } from '../output/terminal.ts';

type Common = { readonly json?: boolean; readonly api?: ApprovalApi };
export type AnswerOptions = Common & {
  readonly reason?: string;
  readonly yes?: boolean;
  /** Shows the plan before the question. */
  readonly show?: (text: string) => void;
};

/** Digits of an id that name it where no other begins alike. */
const SHORT = 8;

export async function approvalsCommand({ json, api }: Common): Promise<string> {
  const waiting = await (api ?? (await approvalApi())).list();
  if (json) return JSON.stringify(waiting, null, 2);
  if (!onTerminal) return tabSeparated(waiting.map(row));
  if (waiting.length === 0) return 'Nothing waits for approval.';
  const rows = waiting.map((approval) => [approval.id.slice(0, SHORT), ...row(approval).slice(1)]);
  return [
    table(['id', 'control', 'risk', 'account', 'denied after', 'change'], rows),
    '',
    `${waiting.length} waiting. The plan, and then the question: npm run -s suture -- approve ${waiting[0]!.id.slice(0, SHORT)}`,
  ].join('\n');
}

/** @throws UsageError where nothing waits under this id, or nobody can be asked; Failure where the answer is not taken */
export async function answerCommand(
  answer: AnswerRequest['answer'],
  id: string,
  { json, api: given, reason, yes, show = () => {} }: AnswerOptions,
): Promise<string> {
  const api = given ?? (await approvalApi());
  const approval = await named(id, api);
  if (!json) show(shown(approval));
  if (!(await confirmed(answer === 'approve' ? 'Approve this change?' : 'Deny this change?', { yes })))
    throw new Failure('Nothing was answered.');
  const reply = await api.answer(approval.id, { answer, reason });
  if (json) return JSON.stringify(reply, null, 2);
  return answer === 'approve'
    ? `Approved by ${reply.by}. It is checked once more against policy and stops, and then made.`
    : `Denied by ${reply.by}. The finding says so in its note.`;
}

async function named(id: string, api: ApprovalApi): Promise<ApprovalView> {
  if (!/^[0-9a-f]{8,32}$/.test(id))
    throw new UsageError(`"${id}" is not the id of an approval: its first ${SHORT} digits or more, from 0 to f.`);
  if (id.length === 32) return stillWaiting(await api.show(id));
  const [found, ...more] = (await api.list()).filter((approval) => approval.id.startsWith(id));
  if (more.length > 0) throw new UsageError(`Several ids begin with ${id}. Give more of their digits.`);
  if (found) return found;
  throw new UsageError(
    `Nothing that waits has an id that begins with ${id}. What waits: npm run -s suture -- approvals. Of one that is over, give the whole id.`,
  );
}

/** What the function would say anyway, before a question that leads nowhere. An answer that is under way it delivers. */
function stillWaiting(approval: ApprovalDetail): ApprovalView {
  const { status, answer, until } = approval;
  if (status === 'answered' && answer)
    throw new Failure(`${answer.by} ${answer.approved ? 'approved' : 'denied'} it at ${answer.at}.`);
  if (status === 'timedOut') throw new Failure(`Nobody answered until ${until}, so it was denied.`);
  return approval;
}

const row = ({ id, control, risk, account, until, summary }: ApprovalView) => [
  id,
  control,
  colour(SHADE_OF_RISK[risk], risk),
  account,
  until,
  summary,
];

/** What a person wants to know before agreeing. */
export function shown(approval: ApprovalView): string {
  const { control, title, risk, account, region, resource, remediation, summary, before, after, loses } = approval;
  const facts: readonly (readonly [string, string])[] = [
    ['risk', colour(SHADE_OF_RISK[risk], risk)],
    ['account', `${account}, ${region}`],
    ['resource', resource],
    ['remediation', remediation],
    ['change', summary],
    ['before', JSON.stringify(before)],
    ['after', JSON.stringify(after)],
    ['lost', loses ? colour('red', loses) : 'nothing: it can be undone'],
    ['asked', `${approval.askedAt}${approval.askedBy ? ` by ${approval.askedBy}` : ''}`],
    ['denied after', approval.until],
  ];
  return [
    colour('bold', `${control}  ${title}`),
    ...facts.map(([name, value]) => `  ${name.padEnd(12)}  ${value}`),
    '',
  ].join('\n');
}
