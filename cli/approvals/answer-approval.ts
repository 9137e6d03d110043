import type { AnswerRequest, ApprovalDetail, ApprovalView } from '../../functions/domain/approval.ts';
import { plain, plainText } from '../../functions/domain/plain-text.ts';
import type { ApprovalApi } from '../clients/approvals.ts';
import type { CommandOption, ExitCodes } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption, YES_OPTION } from '../options/standard.ts';
import { confirm } from '../output/confirm.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';

export type AnswerOptions = {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly api?: ApprovalApi;
  readonly show?: (text: string) => void;
  readonly announce?: () => Promise<void>;
};

/** People see these digits of an id. They identify it unless another id begins with the same digits. */
export const SHORT_ID_DIGITS = 8;

export const ANSWER_ARGUMENT = { name: '<id>', text: 'as suture approvals lists it; its first 8 digits suffice' };
export const ANSWER_OPTIONS: readonly CommandOption[] = [YES_OPTION, jsonOption('one JSON object: id, answer, by, at')];
export const ANSWER_NOTES = `
The person whose credentials sign the request is the one who answers; a person who asked for the change may not approve it.
The first answer counts.`.trim();
export const ANSWER_EXIT_CODES: ExitCodes = {
  0: 'the answer was taken',
  1: 'it was not (answered before, too late, not allowed)',
  2: 'wrong usage or nobody to ask',
};

/**
 * @throws UsageError if no approval with this id waits, or nobody can be asked
 * @throws Failure if the answer is refused
 */
export async function answerCommand(
  answer: AnswerRequest['answer'],
  id: string,
  { json, api: given, reason, yes, show = () => {}, announce }: AnswerOptions,
): Promise<string> {
  const { approvalApi } = await import('../clients/approvals.ts');
  await announce?.();
  const api = given ?? (await approvalApi());
  const approval = await findApproval(id, api);
  if (!json) show(approvalPage(plain(approval)));
  const question = answer === 'approve' ? 'Approve this change?' : 'Deny this change?';
  await confirm(question, { yes, refusal: 'Nothing was answered.' });
  const reply = await api.answer(approval.id, { answer, reason });
  if (json) return JSON.stringify(reply, null, 2);
  const by = plainText(reply.by);
  return answer === 'approve'
    ? `Approved by ${by}. The change is checked against policy and stops again, and then made.`
    : `Denied by ${by}. The note on the finding says so.`;
}

async function findApproval(id: string, api: ApprovalApi): Promise<ApprovalView> {
  if (!/^[0-9a-f]{8,32}$/.test(id))
    throw new UsageError(
      `"${id}" is not the id of an approval: its first ${SHORT_ID_DIGITS} digits or more, from 0 to f.`,
    );
  if (id.length === 32) return checkWaiting(await api.show(id));
  const [approval, ...more] = (await api.list()).filter((each) => each.id.startsWith(id));
  if (more.length > 0) throw new UsageError(`Several ids begin with ${id}. Give more of their digits.`);
  if (approval) return approval;
  throw new UsageError(
    `No waiting change has an id that begins with ${id}. List them: npm run -s suture -- approvals. For an approval that has ended, give the whole id.`,
  );
}

/**
 * Avoids a question whose answer the function would refuse. If an earlier answer is being delivered, the function
 * decides.
 */
function checkWaiting(approval: ApprovalDetail): ApprovalView {
  const { status, answer, until } = approval;
  if (status === 'answered' && answer)
    throw new Failure(`${plainText(answer.by)} ${answer.approved ? 'approved' : 'denied'} it at ${answer.at}.`);
  if (status === 'timedOut') throw new Failure(`Nobody answered until ${until}, so it was denied.`);
  return approval;
}

export function approvalPage(approval: ApprovalView): string {
  const { control, title, risk, account, region, resource, remediation, summary, before, after, loses } = approval;
  const facts: readonly (readonly [string, string])[] = [
    ['risk', colour(RISK_COLOURS[risk], risk)],
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
