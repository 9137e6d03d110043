import type { AnswerRequest, ApprovalView } from '../../functions/domain/approval.ts';
import { plain, plainText } from '../../functions/domain/plain-text.ts';
import { isSamePerson } from '../../functions/domain/same-person.ts';
import type { ApprovalApi } from '../clients/approvals.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import type { CommandOption, ExitCodes } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { accountText, NO_NAMES } from '../names/account-name.ts';
import type { NamedAccounts } from '../names/find-approval.ts';
import { jsonOption, YES_OPTION } from '../options/standard.ts';
import { confirm } from '../output/confirm.ts';
import { diffLines } from '../output/diff-text.ts';
import { factLines, linesOfFact } from '../output/fact-lines.ts';
import { colour, RISK_COLOURS } from '../output/terminal.ts';

export type AnswerOptions = NamedAccounts & {
  readonly reason?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly api?: ApprovalApi;
  /** Returns the ARN of the person whose credentials sign the answer. Default: STS says it. */
  readonly caller?: () => Promise<string>;
  /** Shows the plan before the question. Absent if the person sees it already, as in `suture triage`. */
  readonly show?: (text: string) => void;
};

export const ANSWER_ARGUMENT = {
  name: '<name...>',
  text: "an approval as suture approvals lists it, its first digits, its finding, its resource's own name, or a control with an account",
};
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
  name: string,
  { json, api: injectedApi, reason, yes, show = () => {}, caller, ...environment }: AnswerOptions,
): Promise<string> {
  const { approvalApi } = await import('../clients/approvals.ts');
  const { findApproval } = await import('../names/find-approval.ts');
  await environment.announce?.();
  const api = injectedApi ?? (await approvalApi());
  const { readAccountNames } = await import('../clients/account-book.ts');
  const namesOf = environment.names ?? readAccountNames;
  const approval = await findApproval(name, api, environment);
  if (answer === 'approve') await requireOtherPerson(approval, caller ?? (() => callerIn(environment)));
  if (!json) show(approvalPage(plain(approval), await namesOf([approval.account], environment)));
  // The plan comes first, because a person who may not answer may read it.
  if (!yes) await api.requirePermission(approval.id);
  const question = answer === 'approve' ? 'Approve this change?' : 'Deny this change?';
  await confirm(question, { yes, refusal: 'Nothing was answered.' });
  const reply = await api.answer(approval.id, { answer, reason });
  if (json) return JSON.stringify(reply, null, 2);
  const by = plainText(reply.by);
  return answer === 'approve'
    ? `Approved by ${by}. Suture checks the change against policy and stops again, then makes it.`
    : `Denied by ${by}. The note on the finding says so.`;
}

async function callerIn({ aws }: OperatorEnvironment): Promise<string> {
  const { callerOf } = await import('../clients/caller.ts');
  return (await callerOf(aws)).caller;
}

/** @throws Failure as the API does, which also knows who continued the execution after a failure */
async function requireOtherPerson({ askedBy }: ApprovalView, caller: () => Promise<string>): Promise<void> {
  if (askedBy === undefined || !isSamePerson(askedBy, await caller())) return;
  throw new Failure(`${plainText(askedBy)} asked for this change. Somebody else must approve it.`);
}

const NAME_WIDTH = 'denied after'.length;

/** @param approval with harmless texts, as `plain` returns them */
export function approvalPage(approval: ApprovalView, names = NO_NAMES): string {
  const { control, title, risk, account, region, resource, remediation, summary, before, after, loses } = approval;
  const facts: readonly (readonly [string, string])[] = [
    ['risk', colour(RISK_COLOURS[risk], risk)],
    ['account', `${accountText(account, names)}, ${region}`],
    ['resource', resource],
    ['remediation', remediation],
    ['change', summary],
    ['lost', loses ? colour('red', loses) : 'nothing: it can be undone'],
    ['asked', `${approval.askedAt}${approval.askedBy ? ` by ${approval.askedBy}` : ''}`],
    ['denied after', approval.until],
  ];
  return [
    colour('bold', `${control}  ${title}`),
    ...facts.flatMap(([name, value]) => factLines(name, value, NAME_WIDTH)),
    ...linesOfFact('difference', diffLines(before, after), NAME_WIDTH),
    '',
  ].join('\n');
}
