/**
 * What a person's answer does. The first answer is kept before the execution is told, so that of two that come at once only
 * one wins; when the function dies in between, whoever asks again has the kept answer delivered.
 */

import type { AnswerRequest } from '../domain/approval.ts';
import type { Approvals, StoredAnswer, StoredApproval } from '../ledger/approvals.ts';
import { isSamePerson } from './same-person.ts';
import { untilOf } from './view.ts';

export type AnswerDeps = {
  readonly approvals: Approvals;
  /** Tells the execution; `gone` where it does not wait for this token any more. */
  readonly send: (token: string, answer: StoredAnswer) => Promise<'sent' | 'gone'>;
  readonly now: () => number;
};

export type Answered =
  /** `first`: it was this call that answered. */
  | {
      readonly kind: 'answered';
      readonly approval: StoredApproval;
      readonly answer: StoredAnswer;
      readonly first: boolean;
    }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'timedOut'; readonly until: string }
  | { readonly kind: 'requester'; readonly askedBy: string };

export async function answer(id: string, asked: AnswerRequest, actor: string, tools: AnswerDeps): Promise<Answered> {
  const { approvals, now } = tools;
  const approval = await approvals.find(id);
  if (!approval) return { kind: 'unknown' };
  if (approval.status !== 'waiting') return ended(approval, tools);
  const at = now();
  if (at >= untilOf(approval)) return timedOut(approval);
  const { askedBy } = approval.made;
  const approved = asked.answer === 'approve';
  if (approved && askedBy !== undefined && isSamePerson(askedBy, actor)) return { kind: 'requester', askedBy };

  const own: StoredAnswer = { approved, by: actor, at: new Date(at).toISOString(), reason: asked.reason };
  if (!(await approvals.claim(approval, own))) {
    const changed = await approvals.find(id);
    return changed && changed.status !== 'waiting' ? ended(changed, tools) : { kind: 'unknown' };
  }
  if ((await tools.send(approval.token, own)) === 'gone') {
    await approvals.settle(approval, 'timedOut');
    return timedOut(approval);
  }
  await approvals.settle(approval, 'answered');
  return { kind: 'answered', approval, answer: own, first: true };
}

/** Somebody has answered before, or nobody did in time. An answer that may not have been delivered is delivered now. */
async function ended(approval: StoredApproval, { approvals, send }: AnswerDeps): Promise<Answered> {
  const { status, answer: given } = approval;
  if (status === 'timedOut' || !given) return timedOut(approval);
  if (status === 'answering') {
    // Gone: it was delivered before. If it was not, the execution's own report sets the item right.
    await send(approval.token, given);
    await approvals.settle(approval, 'answered');
  }
  return { kind: 'answered', approval, answer: given, first: false };
}

const timedOut = (approval: StoredApproval): Answered => ({
  kind: 'timedOut',
  until: new Date(untilOf(approval)).toISOString(),
});
