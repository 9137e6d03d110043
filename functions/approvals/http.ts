/** The routes of the approval function's URL, and the answer to each request. Who signed is who acts. */
import * as z from 'zod';
import { type AnswerReply, AnswerRequest, ApprovalId } from '../domain/approval.ts';
import { type AnswerDeps, type Answered, answer } from './answer.ts';
import { untilOf, viewOf, wholeOf } from './view.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
export const Request = z.object({
  rawPath: z.string(),
  queryStringParameters: z.record(z.string(), z.string()).optional(),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ iam: z.object({ userArn: z.string() }) }),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});
export type Request = z.infer<typeof Request>;

export type Reply = { readonly status: number; readonly body: object; readonly answered?: Answered };

export async function reply(request: Request, tools: AnswerDeps): Promise<Reply> {
  const { method } = request.requestContext.http;
  const path = request.rawPath.replace(/^\/+|\/+$/g, '');
  if (path === '')
    return method === 'GET' ? list(request, tools) : refused(405, `${method} is not known here: GET lists.`);
  const id = ApprovalId.safeParse(path);
  if (!id.success) return refused(404, `"${path}" is not the id of an approval: those are 32 hexadecimal digits.`);
  if (method === 'GET') return show(id.data, tools);
  if (method === 'POST') return post(id.data, request, tools);
  return refused(405, `${method} is not known here: GET shows the approval, POST answers it.`);
}

async function list({ queryStringParameters }: Request, { approvals, now }: AnswerDeps): Promise<Reply> {
  const after = ApprovalId.optional().safeParse(queryStringParameters?.after);
  if (!after.success) return refused(400, '"after" must be the `next` of the page before.');
  const page = await approvals.open(after.data);
  const waiting = page.approvals.filter((approval) => now() < untilOf(approval));
  return { status: 200, body: { approvals: waiting.map(viewOf), next: page.next } };
}

async function show(id: string, { approvals }: AnswerDeps): Promise<Reply> {
  const approval = await approvals.find(id);
  return approval ? { status: 200, body: wholeOf(approval) } : unknown(id);
}

async function post(id: string, request: Request, tools: AnswerDeps): Promise<Reply> {
  const asked = AnswerRequest.safeParse(jsonIn(request));
  if (!asked.success) {
    const problems = asked.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    return refused(400, `The body must be { "answer": "approve" | "deny", "reason"? }. ${problems.join('; ')}.`);
  }
  const actor = request.requestContext.authorizer.iam.userArn;
  const answered = await answer(id, asked.data, actor, tools);
  return { ...replyTo(id, answered), answered };
}

function replyTo(id: string, answered: Answered): Reply {
  if (answered.kind === 'unknown') return unknown(id);
  if (answered.kind === 'timedOut')
    return refused(410, `Nobody answered until ${answered.until}, so it was denied, or its execution was stopped.`);
  if (answered.kind === 'requester')
    return refused(403, `${answered.askedBy} asked for this change. Somebody else must approve it.`);
  const { approved, by, at } = answered.answer;
  const body: AnswerReply = { id, answer: approved ? 'approve' : 'deny', by, at };
  if (answered.first) return { status: 200, body };
  return { status: 409, body: { ...body, message: `${by} ${approved ? 'approved' : 'denied'} it at ${at}.` } };
}

const unknown = (id: string) => refused(404, `There is no approval ${id}: it was never asked for, or is long over.`);
const refused = (status: number, message: string): Reply => ({ status, body: { message } });

function jsonIn({ body = '', isBase64Encoded }: Request): unknown {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body);
  } catch {
    return undefined;
  }
}
