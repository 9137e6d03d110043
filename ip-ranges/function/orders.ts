import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { logger } from '../../functions/aws/observe.ts';
import { errorDescription, SutureError } from '../../functions/contract/errors.ts';
import { canonical } from '../../functions/contract/is-equal.ts';
import { BEGIN_WITHIN_MINUTES, type IpRangesCommand } from '../../functions/domain/api-ip-ranges.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import { digestOf } from '../../functions/domain/proposal.ts';
import type { IpRangesRequest, IpRangesRequests } from '../../functions/ports/ip-ranges-requests.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';
import type {
  FailureReason,
  IpRangesAnswer,
  IpRangesFailure,
  IpRangesResult,
  TargetAnswer,
} from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, orphanTarget } from '../contract/targets.ts';
import { type Document, tokenOf } from '../planning/document.ts';
import type { PlanOptions } from '../planning/plan.ts';
import type { RunClock } from './converge.ts';
import { type Download, type Expected, fetchDocument } from './fetch.ts';
import { chunks } from './pages.ts';
import { checkAge, parseDocument } from './parse-document.ts';
import { report } from './report.ts';
import type { BringOptions, TargetSite } from './site.ts';
import { type UpdateRun, underLease, update } from './update.ts';

export type OrderDeps = UpdateRun & {
  readonly targets: readonly IpRangesTarget[];
  readonly siteOf: (target: IpRangesTarget) => Promise<TargetSite>;
  readonly requests: IpRangesRequests;
  /** Reads the kill switch. */
  readonly stop: () => Promise<StopEntry | undefined>;
  readonly download: Download;
  readonly events: EventBridgeClient;
};

/**
 * Updates every target, after a message or on schedule. Downloads once, whatever the message says, and writes nothing
 * where nothing has changed.
 * @throws IpRangesError TargetsFailed when all others are done
 */
export async function updateAll(expected: Expected, deps: OrderDeps): Promise<IpRangesAnswer> {
  const stop = await deps.stop();
  if (stop?.all) {
    logger.warn('stopped, so that nothing is let in', { stop });
    return { targets: [] };
  }
  const document = await newestDocument(deps.targets, expected, deps);
  const targets = await bringAll(deps.targets, document, { isPublished: true }, deps);
  const failed = targets.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return { targets };
  const reasons = failed.map(({ target, error }) => `${target}: ${error!.name}: ${error!.message}`).join(' ');
  throw new IpRangesError(
    'TargetsFailed',
    `${failed.length} of ${targets.length} ${targets.length === 1 ? 'target' : 'targets'} failed. ${reasons}`,
  );
}

/** Carries out what the API has stored, and stores the answer. Lambda may deliver an id twice. */
export async function carryOutRequest(id: string, deps: OrderDeps): Promise<void> {
  const request = await deps.requests.find(id);
  if (!request || request.result !== undefined) return;
  const result = await answer(request, deps).catch((error: Error): IpRangesResult => {
    logger.error('the request failed', { request: id, error });
    return { error: failureOf(error) };
  });
  await deps.requests.finish(id, result);
}

/** Answers a person's request. The failure of a target is a part of the answer. */
export async function answer(request: IpRangesRequest, deps: OrderDeps): Promise<IpRangesAnswer> {
  checkInTime(request, deps.clock);
  const { command, allowShrink, adopt } = request.command;
  const { targets, orphans } = await chosenTargets(request.command, deps);
  if (command === 'plan-removal') return { targets: await answersOf(orphans, deps, removal) };
  if (command === 'remove') return { targets: await answersOf(orphans, deps, remove) };
  if (command === 'status')
    return { targets: [...(await statusOf(targets, deps)), ...(await answersOf(orphans, deps, orphan))] };
  const isPublished = request.document === undefined;
  const document = isPublished
    ? await newestDocument(targets, NOTHING_EXPECTED, deps)
    : documentIn(request, deps.clock);
  const proposed = { document: request.document, allowShrink, targets };
  const digest = isPublished ? undefined : digestOf(canonical(proposed));
  const options = { allowShrink, adopt, isPublished };
  if (command === 'plan') {
    const planned = await answersOf(targets, deps, plan(document, options));
    return { targets: [...planned, ...(await answersOf(orphans, deps, orphan))], digest };
  }
  if (digest !== undefined) checkApproved(request, digest);
  return { targets: await bringAll(targets, document, options, deps) };
}

/** Refuses an old request: Lambda may deliver an event hours later, when nobody waits for the answer any more. */
function checkInTime({ at }: IpRangesRequest, clock: RunClock): void {
  if (clock.now() > Date.parse(at) + BEGIN_WITHIN_MINUTES * 60_000)
    throw invalid(`It was asked at ${at}, and began too late. Nothing was done: ask again.`);
}

function checkApproved({ approved }: IpRangesRequest, digest: string): void {
  if (approved === undefined) throw invalid('The document was not approved.');
  const changed = 'It was approved for other targets than are configured now. Propose it again.';
  if (approved !== digest) throw new SutureError('PlanChanged', changed);
}

const invalid = (what: string) => new IpRangesError('CommandInvalid', what);

const NOTHING_EXPECTED: Expected = { atLeast: 0, md5: new Map() };

type AnswerOne = (target: IpRangesTarget, deps: OrderDeps) => Promise<Partial<TargetAnswer>>;
/** Targets that are worked on at once: most of the time they wait for AWS. */
const MAX_TARGETS_AT_ONCE = 5;

/** Returns an answer for each target. If one fails, its answer has the error, and the others continue. */
async function answersOf(targets: readonly IpRangesTarget[], deps: OrderDeps, one: AnswerOne) {
  const answer = async (target: IpRangesTarget): Promise<TargetAnswer> => {
    const { key, mode, services, retired } = target;
    const about = { target: key, mode, services: retired ? [] : [...services], orphan: retired || undefined };
    try {
      const { error, ...more } = await one(target, deps);
      return { ...about, ...more, ...(error && { error: failureOf(error) }) };
    } catch (error) {
      logger.error('target failed', { target: key, error: error as Error });
      return { ...about, error: failureOf(error as Error) };
    }
  };
  const answers: TargetAnswer[] = [];
  for (const some of chunks(targets, MAX_TARGETS_AT_ONCE)) answers.push(...(await Promise.all(some.map(answer))));
  return answers;
}

/** Returns what JSON keeps of an error. The causes of a missing role are lines of their own, made plain by its author. */
function failureOf(error: Pick<Error, 'name' | 'message'> & { readonly reasons?: FailureReason[] | undefined }) {
  const { name, message } = error;
  const lines = name === 'MemberRoleUnavailable' ? message.split('\n') : [];
  const reasons = error.reasons ?? (lines.length > 1 ? [{ name, lines }] : undefined);
  return { name, message, ...(reasons && { reasons }) } satisfies IpRangesFailure;
}

async function newestDocument(targets: readonly IpRangesTarget[], { atLeast, md5 }: Expected, deps: OrderDeps) {
  const records = await Promise.all(targets.map(({ key }) => deps.ledger.read(key)));
  const tokens = records.map(({ applied }) => applied?.syncToken ?? 0);
  return fetchDocument(deps.download, { atLeast: Math.max(atLeast, ...tokens), md5 }, deps.clock);
}

async function bringAll(
  targets: readonly IpRangesTarget[],
  document: Document,
  options: BringOptions,
  deps: OrderDeps,
): Promise<TargetAnswer[]> {
  const { syncToken, createDate } = document;
  const orphans = (await orphansOf(deps)).length;
  const answers = await answersOf(targets, deps, async (target) => {
    logger.debug('target', { target });
    const bring = async () => update(target, document, options, { ...deps, site: await deps.siteOf(target) });
    const done = options.isPublished ? await recordingFailure(target, document, deps, bring) : await bring();
    return { syncToken, createDate, ...done };
  });
  await report(answers, document, { events: deps.events, now: deps.clock.now(), orphans });
  return answers;
}

/** Records a failure of the work, or one in its result, for `status`. */
async function recordingFailure<T extends Pick<TargetAnswer, 'error'>>(
  target: IpRangesTarget,
  { syncToken, createDate }: Document,
  { ledger, clock }: OrderDeps,
  work: () => Promise<T>,
): Promise<T> {
  const record = async (error: Parameters<typeof failureOf>[0]) => {
    const failure = { ...failureOf(error), syncToken, createDate, at: new Date(clock.now()).toISOString() };
    try {
      await ledger.recordFailure(target, await ledger.read(target.key), failure);
    } catch (cause) {
      logger.error('the failure was not recorded', { target: target.key, error: cause as Error });
    }
  };
  const result = await work().catch(async (error: Error) => {
    await record(error);
    throw error;
  });
  if (result.error) await record(result.error);
  return result;
}

/** Returns targets that the ledger knows and that are not updated any more. */
async function orphansOf({ targets, ledger }: OrderDeps): Promise<IpRangesTarget[]> {
  const keys = targets.map(({ key }) => key);
  return (await ledger.known()).filter(({ key }) => !keys.includes(key)).map(orphanTarget);
}

async function statusOf(targets: readonly IpRangesTarget[], deps: OrderDeps): Promise<TargetAnswer[]> {
  const published = targets.length === 0 ? {} : await publishedDocument(deps);
  return answersOf(targets, deps, async (target, { ledger, siteOf, clock }) => {
    const { applied, lastFailure } = await ledger.read(target.key);
    const about = { applied, lastFailure, newer: newerThan(applied, published.document, clock.now()) };
    const { notes, ...report } = await (await siteOf(target)).see();
    return { ...about, ...report, notes: [...notes, ...(published.problem === undefined ? [] : [published.problem])] };
  });
}

type Published = { readonly document?: Document; readonly problem?: string };

/** Downloads once: status must not wait for a host that does not answer. */
async function publishedDocument({ download, clock }: OrderDeps): Promise<Published> {
  try {
    const document = parseDocument(await download());
    checkAge(document, clock.now());
    return { document };
  } catch (error) {
    const cause = errorDescription(error).replace(/^Error: /, '');
    return { problem: `the published document could not be read, so it is not known whether it is newer: ${cause}` };
  }
}

/** Messages that got lost are made up for by the daily run. An hour is for the run itself. */
const APPLIED_WITHIN_MS = 25 * 3_600_000;

function newerThan(
  applied: TargetAnswer['applied'],
  document: Document | undefined,
  now: number,
): TargetAnswer['newer'] {
  if (!applied || !document || tokenOf(document) <= applied.syncToken) return undefined;
  const { syncToken, createDate } = document;
  return { syncToken, createDate, late: now > tokenOf(document) * 1000 + APPLIED_WITHIN_MS };
}

const plan =
  (document: Document, options: PlanOptions): AnswerOne =>
  async (target, { ledger, siteOf }) => {
    const { syncToken, createDate } = document;
    const { applied, baseline } = await ledger.read(target.key);
    const { report, plan } = await (await siteOf(target)).look(document, { ...options, baseline });
    const isOlder = applied && applied.syncToken > tokenOf(document);
    const older = `the target was brought to the newer syncToken ${applied?.syncToken} already: apply would leave it there`;
    return { syncToken, createDate, applied, ...report, ...plan, notes: [...plan.notes, ...(isOlder ? [older] : [])] };
  };

const ORPHAN =
  'an orphan: it is not configured any more, so its rules stay as they are and follow no document. Take them away with suture ip-ranges remove';

/** Answers with a note, not an error, if the orphan's account cannot be read: nobody waits for its rules. */
const orphan: AnswerOne = async (target, { ledger, siteOf }) => {
  const { applied } = await ledger.read(target.key);
  try {
    const { report } = await (await siteOf(target)).removal();
    return { applied, ...report, notes: [ORPHAN, ...report.notes] };
  } catch (error) {
    return { applied, notes: [ORPHAN, `its account could not be read: ${errorDescription(error)}`] };
  }
};

const removal: AnswerOne = async (target, { siteOf }) => {
  const { report, calls, error } = await (await siteOf(target)).removal();
  return { ...report, calls, error };
};

/** Removes what a former target left. The ledger forgets the target when nothing is left of it. */
const remove: AnswerOne = async (target, deps) => {
  const site = await deps.siteOf(target);
  return underLease(target, deps, async () => {
    const { report, calls, error, carryOut } = await site.removal();
    await carryOut();
    if (!error) await deps.ledger.forget(target.key);
    return { ...report, calls, error };
  });
};

/** @throws IpRangesError CommandInvalid for a name that no target has */
async function chosenTargets({ command, targets: names }: IpRangesCommand, deps: OrderDeps) {
  const isRemoval = command === 'remove' || command === 'plan-removal';
  const orphans = await orphansOf(deps);
  const known = [...(isRemoval ? [] : deps.targets), ...(command === 'apply' ? [] : orphans)];
  const unknown = names?.find((named) => !known.some(({ key, name }) => named === key || named === name));
  if (unknown !== undefined) {
    const keys = known.map(({ key }) => key);
    const nearest = suggestion(unknown, [...keys, ...known.map(({ name }) => name)]) || '.';
    throw invalid(`There is no target "${unknown}" to ${command}${nearest} There are: ${keys.join(', ') || 'none'}.`);
  }
  const isChosen = ({ key, name }: IpRangesTarget) => !names || names.includes(key) || names.includes(name);
  return { targets: deps.targets.filter(isChosen), orphans: orphans.filter(isChosen) };
}

function documentIn({ document: given }: IpRangesRequest, clock: RunClock): Document {
  try {
    const document = parseDocument(JSON.stringify(given));
    checkAge(document, clock.now());
    return document;
  } catch (error) {
    throw invalid(`The document is refused: ${(error as Error).message}.`);
  }
}
