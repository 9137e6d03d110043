/** Routes of the approval function's URL. The actor is the principal who signed the request. */
import * as z from 'zod';
import { type AnswerReply, AnswerRequest, ApprovalId } from '../domain/approval.ts';
import { type AnswerDeps, type AnswerOutcome, answerApproval } from './answer.ts';
import { approvalDetail, approvalView, deadlineOf } from './view.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
export const ApprovalRequest = z.object({
  rawPath: z.string(),
  queryStringParameters: z.record(z.string(), z.string()).optional(),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ iam: z.object({ userArn: z.string() }) }),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

export type ApprovalReply = { readonly status: number; readonly body: object; readonly outcome?: AnswerOutcome };

export async function replyTo(request: ApprovalRequest, deps: AnswerDeps): Promise<ApprovalReply> {
  const { method } = request.requestContext.http;
  const path = request.rawPath.replace(/^\/+|\/+$/g, '');
  if (path === '')
    return method === 'GET' ? list(request, deps) : refusal(405, `${method} is not supported here: GET lists.`);
  const id = ApprovalId.safeParse(path);
  if (!id.success) return refusal(404, `"${path}" is not the id of an approval: those are 32 hexadecimal digits.`);
  if (method === 'GET') return show(id.data, deps);
  if (method === 'POST') return post(id.data, request, deps);
  return refusal(405, `${method} is not supported here: GET shows the approval, POST answers it.`);
}

async function list(
  { queryStringParameters }: ApprovalRequest,
  { approvals, now }: AnswerDeps,
): Promise<ApprovalReply> {
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

async function post(id: string, request: ApprovalRequest, deps: AnswerDeps): Promise<ApprovalReply> {
  const parsed = AnswerRequest.safeParse(jsonIn(request));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    return refusal(400, `The body must be { "answer": "approve" | "deny", "reason"? }. ${problems.join('; ')}.`);
  }
  const actor = request.requestContext.authorizer.iam.userArn;
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
const refusal = (status: number, message: string): ApprovalReply => ({ status, body: { message } });

function jsonIn({ body = '', isBase64Encoded }: ApprovalRequest): unknown {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body);
  } catch {
    return undefined;
  }
}
