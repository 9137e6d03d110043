/** Routes of the API to approvals. The actor is the principal who signed the request. */
import { type ApiReply, type ApiRequest, jsonBody, refusal, signerOf } from '../domain/api.ts';
import { type AnswerReply, AnswerRequest, ApprovalId } from '../domain/approval.ts';
import { type AnswerDeps, type AnswerOutcome, answerApproval } from './answer.ts';
import { approvalDetail, approvalView, deadlineOf } from './view.ts';

export type ApprovalReply = ApiReply & { readonly outcome?: AnswerOutcome };

export async function replyTo(request: ApiRequest, deps: AnswerDeps): Promise<ApprovalReply> {
  const { httpMethod, pathParameters } = request;
  const path = pathParameters?.id;
  if (path === undefined) return list(request, deps);
  const id = ApprovalId.safeParse(path);
  if (!id.success) return refusal(404, `"${path}" is not the id of an approval: those are 32 hexadecimal digits.`);
  return httpMethod === 'POST' ? post(id.data, request, deps) : show(id.data, deps);
}

async function list({ queryStringParameters }: ApiRequest, { approvals, now }: AnswerDeps): Promise<ApprovalReply> {
  const after = ApprovalId.optional().safeParse(queryStringParameters?.after);
  if (!after.success) return refusal(400, '"after" must be the `next` of the page before.');
  const page = await approvals.listWaiting(after.data);
  const waiting = page.approvals.filter((approval) => now() < deadlineOf(approval));
  return { status: 200, body: { approvals: waiting.map(approvalView), next: page.next } };
}

async function show(id: string, { approvals }: AnswerDeps): Promise<ApprovalReply> {
  const approval = await approvals.find(id);
  return approval ? { status: 200, body: approvalDetail(approval) } : unknownApproval(id);
}

async function post(id: string, request: ApiRequest, deps: AnswerDeps): Promise<ApprovalReply> {
  const parsed = AnswerRequest.safeParse(jsonBody(request));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    return refusal(400, `The body must be { "answer": "approve" | "deny", "reason"? }. ${problems.join('; ')}.`);
  }
  const actor = signerOf(request);
  const outcome = await answerApproval(id, parsed.data, actor, deps);
  return { ...outcomeReply(id, outcome), outcome };
}

function outcomeReply(id: string, outcome: AnswerOutcome): ApprovalReply {
  if (outcome.kind === 'unknown') return unknownApproval(id);
  if (outcome.kind === 'timedOut')
    return refusal(410, `Nobody answered until ${outcome.until}, so it was denied, or its execution was stopped.`);
  if (outcome.kind === 'requester')
    return refusal(403, `${outcome.askedBy} asked for this change. Somebody else must approve it.`);
  const { approved, by, at } = outcome.answer;
  const body: AnswerReply = { id, answer: approved ? 'approve' : 'deny', by, at };
  if (outcome.first) return { status: 200, body };
  return { status: 409, body: { ...body, message: `${by} ${approved ? 'approved' : 'denied'} it at ${at}.` } };
}

const unknownApproval = (id: string) =>
  refusal(404, `There is no approval ${id}: it was never requested, or ended long ago.`);
