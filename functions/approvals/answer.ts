/**
 * Answers an approval. The first answer is stored before it is sent to the execution, so that only one of two
 * simultaneous answers wins. If the function dies in between, the next request delivers the stored answer.
 */
import type { AnswerRequest } from '../domain/approval.ts';
import { isSamePerson } from '../domain/same-person.ts';
import { approvalOf } from '../domain/signature.ts';
import type { Approvals, StoredAnswer, StoredApproval } from '../ports/approvals.ts';
import type { Requesters } from '../ports/operator-runs.ts';
import type { Sign } from '../ports/signatures.ts';
import { deadlineOf, shownPlan } from './view.ts';

export type AnswerDeps = {
  readonly approvals: Approvals;
  readonly requesters: Pick<Requesters, 'redrove'>;
  readonly sign: Sign;
  readonly send: (token: string, answer: StoredAnswer) => Promise<'sent' | 'gone'>;
  readonly now: () => number;
};

export type AnswerOutcome =
  | {
      readonly kind: 'answered';
      readonly approval: StoredApproval;
      readonly answer: StoredAnswer;
      readonly first: boolean;
    }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'timedOut'; readonly until: string }
  | { readonly kind: 'requester'; readonly askedBy: string };

export async function answerApproval(
  id: string,
  request: AnswerRequest,
  actor: string,
  deps: AnswerDeps,
): Promise<AnswerOutcome> {
  const { approvals, now } = deps;
  const approval = await approvals.find(id);
  if (!approval) return { kind: 'unknown' };
  if (approval.status !== 'waiting') return earlierAnswer(approval, deps);
  const at = now();
  if (at >= deadlineOf(approval)) return timedOut(approval);
  const approved = request.answer === 'approve';
  const askedBy = await requestOf(actor, approval, deps);
  if (approved && askedBy !== undefined) return { kind: 'requester', askedBy };

  const given = { by: actor, at: new Date(at).toISOString(), plan: shownPlan(approval) };
  const signature = approved ? await deps.sign(approvalOf(approval.job.execution, given)) : undefined;
  const newAnswer: StoredAnswer = { approved, ...given, reason: request.reason, signature };
  if (!(await approvals.claim(approval, newAnswer))) {
    const changed = await approvals.find(id);
    return changed && changed.status !== 'waiting' ? earlierAnswer(changed, deps) : { kind: 'unknown' };
  }
  if ((await deps.send(approval.token, newAnswer)) === 'gone') {
    await approvals.settle(approval, 'timedOut');
    return timedOut(approval);
  }
  await approvals.settle(approval, 'answered');
  return { kind: 'answered', approval, answer: newAnswer, first: true };
}

/** Returns the name under which this person started the execution, or continued it after a failure. */
async function requestOf(actor: string, { job }: StoredApproval, { requesters }: AnswerDeps) {
  const asked = [...(job.askedBy === undefined ? [] : [job.askedBy]), ...(await requesters.redrove(job.execution))];
  return asked.find((each) => isSamePerson(each, actor));
}

/**
 * Returns the answer that was given before, or the timeout. Sends an answer that may not have reached the execution.
 */
async function earlierAnswer(approval: StoredApproval, { approvals, send }: AnswerDeps): Promise<AnswerOutcome> {
  const { status, answer: stored } = approval;
  if (status === 'timedOut' || !stored) return timedOut(approval);
  if (status === 'answering') {
    // `gone` means delivered before. If it was not, the execution's own report corrects the item.
    await send(approval.token, stored);
    await approvals.settle(approval, 'answered');
  }
  return { kind: 'answered', approval, answer: stored, first: false };
}

const timedOut = (approval: StoredApproval): AnswerOutcome => ({
  kind: 'timedOut',
  until: new Date(deadlineOf(approval)).toISOString(),
});
