/**
 * Redrives dead letters: SQS moves them back, or each is sent again, starts an execution, invokes its function again, or
 * is resent to its place of tickets.
 */
import { RedriveItem, type RedriveReply } from '../domain/api-runs.ts';
import { deadLetterFacts, deadLetterQueues, type RedriveMethod } from '../domain/dead-letters.ts';
import { FindingEvent } from '../domain/finding.ts';
import type { MessagePlace } from '../domain/message-places.ts';
import { placeQueue } from '../domain/place-queue.ts';
import { hash } from '../domain/trace.ts';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts';
import type { StoredRun } from '../ports/operator-runs.ts';
import type { ExecutionStarter } from '../ports/workflow-executions.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { DROPPED, type ResendEventDeps, resendEvent } from './resend-event.ts';
import { activeRun, isoNow, type RunDeps, recordWork } from './runs.ts';

export type RedriveDeps = RunDeps &
  ResendEventDeps & {
    readonly deadLetters: DeadLetters;
    readonly executions: ExecutionStarter;
    readonly messagePlaces: readonly MessagePlace[];
  };

export const redrive: ApiAction<RedriveDeps> = async (request, actor, deps) => {
  const { startedAt, queue, perSecond, until = isoNow(deps) } = parseBody(RedriveItem, request);
  const method = methodOf(queue, deps);
  const run = await activeRun('redrives', request.pathParameters?.run, startedAt, actor, deps);
  if (method.kind === 'move') {
    await recordWork(run, queue, actor, deps, async () => {
      await deps.deadLetters.move(queue, method.to, perSecond);
      return `moved to ${method.to}`;
    });
    return { redriven: 0, later: [], until, problems: [], isMore: false } satisfies RedriveReply;
  }
  const received = await deps.deadLetters.receive(queue);
  // A message that a place or function refuses again comes back as a new one, which no second redrive helps.
  const [letters, later] = splitAt(received, Date.parse(until));
  const problems: string[] = [];
  const redrivenContents: string[] = [];
  for (const letter of letters) {
    try {
      const result = await recordWork(run, letter.id, actor, deps, () =>
        redriveLetter(run, letter, method, actor, deps),
      );
      if (result.startsWith(DROPPED)) problems.push(`${letter.id}: ${result}`);
      else redrivenContents.push(contentOf(letter));
      await deps.deadLetters.remove(queue, letter);
    } catch (error) {
      problems.push(`${letter.id}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const redriven = letters.length - problems.length;
  return {
    ...{ redriven, until, problems, isMore: received.length > 0 },
    later: later.map(({ id }) => id),
    contents: { redriven: redrivenContents, later: later.map(contentOf) },
  } satisfies RedriveReply;
};

/** Returns a hash that a message has again when it comes back: without what a resend or a failed invocation adds. */
function contentOf({ body }: DeadLetter): string {
  const payload = jsonOrText(body);
  if (typeof payload !== 'object' || payload === null) return hash(body);
  const { detail, requestPayload = payload } = payload as { detail?: { id?: unknown }; requestPayload?: unknown };
  // A resend has the id of Suture's event, and members in another order.
  return hash(typeof detail?.id === 'string' ? detail.id : JSON.stringify(requestPayload));
}

const splitAt = (letters: readonly DeadLetter[], untilMs: number): [until: DeadLetter[], later: DeadLetter[]] => [
  letters.filter(({ sentAtMs }) => sentAtMs <= untilMs),
  letters.filter(({ sentAtMs }) => sentAtMs > untilMs),
];

/** Places of messages have queues only where the context names them. */
function methodOf(queue: string, { installation, messagePlaces }: RedriveDeps): RedriveMethod {
  const ofPlaces = messagePlaces.map(({ name }) => placeQueue(installation, name));
  const known = [...Object.keys(deadLetterQueues(installation)), ...ofPlaces];
  const method = known.includes(queue) ? deadLetterFacts(installation, queue)?.method : undefined;
  if (!method) throw new Refused(404, `There is no queue "${queue}". There are: ${known.join(', ')}.`);
  return method;
}

async function redriveLetter(
  run: StoredRun,
  letter: DeadLetter,
  method: RedriveMethod,
  actor: string,
  deps: RedriveDeps,
): Promise<string> {
  const { deadLetters } = deps;
  const text = letter.body;
  if (method.kind === 'resend') return resendEvent(letter, method.place, deps);
  if (method.kind === 'start') return startWith(text, run, actor, deps);
  if (method.kind === 'send') {
    if (announcesApproval(text)) return NOT_SENT;
    await deadLetters.send(method.to, letter);
    return `sent to ${method.to}`;
  }
  const functionName = method.kind === 'invoke' ? method.functionName : '';
  await deadLetters.invoke(functionName, payloadIn(text));
  return `${functionName} invoked`;
}

/** The line about the execution lets `show` say who asked for it, and why. */
async function startWith(text: string, run: StoredRun, actor: string, deps: RedriveDeps): Promise<string> {
  // Equal for a message that SQS delivers twice, or that two operators redrive.
  const execution = await deps.executions.start(`dlq-${hash(text)}`, { ...eventIn(text), askedBy: actor });
  await deps.runs.recordRedrive(run, execution, actor, isoNow(deps));
  return execution;
}

const NOT_SENT = `${DROPPED}only the workflow says that a change waits for approval. The change still waits: suture approvals`;

const announcesApproval = (text: string): boolean => parsed(text).kind === 'approval';

/** Returns the event without requester and options: a message must not choose them. */
function eventIn(text: string): object {
  const result = FindingEvent.safeParse(jsonOrText(text));
  if (!result.success) {
    const wrong = [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'the whole'))];
    throw new Error(
      `is not the event of a finding: ${wrong.join(', ')} is missing or wrong. It stays in the queue: look at it in the console of SQS, and delete it there.`,
    );
  }
  const { askedBy: _, startOptions: __, ...event } = result.data;
  return event;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Returns the event of the function's invocation: from the record of a failed invocation, or the body itself. */
function payloadIn(text: string): string {
  const { requestPayload } = parsed(text);
  return requestPayload === undefined ? text : JSON.stringify(requestPayload);
}

const parsed = (text: string) => JSON.parse(text) as { kind?: unknown; requestPayload?: unknown };
