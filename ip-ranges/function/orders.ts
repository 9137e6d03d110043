import { createHash } from 'node:crypto';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { logger } from '../../functions/aws/observe.ts';
import { SutureError } from '../../functions/contract/errors.ts';
import { canonical } from '../../functions/contract/is-equal.ts';
import { BEGIN_WITHIN_MINUTES, type IpRangesCommand } from '../../functions/domain/api-ip-ranges.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import type { IpRangesRequest, IpRangesRequests } from '../../functions/ports/ip-ranges-requests.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';
import type { IpRangesAnswer, IpRangesResult, TargetAnswer } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, orphanTarget } from '../contract/targets.ts';
import { checkAge, type Document, parseDocument, tokenOf } from '../planning/document.ts';
import type { PlanOptions } from '../planning/plan.ts';
import type { RunClock } from './converge.ts';
import { type Download, type Expected, fetchDocument } from './fetch.ts';
import type { IpRangesLedger } from './ledger.ts';
import { chunks } from './pages.ts';
import { report } from './report.ts';
import type { BringOptions, TargetSite } from './site.ts';
import { takeLease, update } from './update.ts';

export type OrderDeps = {
  readonly targets: readonly IpRangesTarget[];
  readonly siteOf: (target: IpRangesTarget) => Promise<TargetSite>;
  /** Names this run in leases. */
  readonly run: string;
  readonly ledger: IpRangesLedger;
  readonly requests: IpRangesRequests;
  /** Reads the kill switch. */
  readonly stop: () => Promise<StopEntry | undefined>;
  readonly clock: RunClock;
  readonly download: Download;
  readonly events: EventBridgeClient;
};

/**
 * After a message, or on schedule. One download, whatever the message says; no write where nothing has changed.
 * @throws IpRangesError TargetsFailed when all others are done
 */
export async function updateAll(expected: Expected, deps: OrderDeps): Promise<IpRangesAnswer> {
  const stop = await deps.stop();
  if (stop?.all) {
    logger.warn('stopped, so that nothing is let in', { stop });
    return { targets: [] };
  }
  const document = await newestDocument(deps, expected);
  const orphans = await orphansOf(deps);
  const targets = await bringAll(document, deps, { options: { isPublished: true }, orphans: orphans.length });
  const failed = targets.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return { targets };
  const reasons = failed.map(({ target, error }) => `${target}: ${error!.name}: ${error!.message}`).join(' ');
  throw new IpRangesError('TargetsFailed', `${failed.length} of ${targets.length} targets failed. ${reasons}`);
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

/** For a person, who reads of a target's failure in the answer. */
export async function answer(request: IpRangesRequest, all: OrderDeps): Promise<IpRangesAnswer> {
  checkInTime(request, all.clock);
  const { command } = request.command;
  const orphans = await orphansOf(all);
  const { targets, left } = choose(request.command, all.targets, orphans);
  const deps = { ...all, targets };
  if (command === 'remove' || command === 'plan-removal')
    return { targets: await answersOf(left, deps, removal(deps, command === 'plan-removal')) };
  if (command === 'status')
    return { targets: [...(await answersOf(targets, deps, status(deps))), ...(await orphanAnswers(left, deps))] };
  const isPublished = request.document === undefined;
  const document = isPublished ? await newestDocument(deps, NOTHING_EXPECTED) : documentIn(request, deps.clock);
  const digest = isPublished ? undefined : digestOf(request, targets);
  const { allowShrink, adopt } = request.command;
  const options = { allowShrink, adopt, isPublished };
  if (command === 'plan') {
    const planned = await answersOf(targets, deps, plan(document, options, deps));
    return { targets: [...planned, ...(await orphanAnswers(left, deps))], digest };
  }
  if (digest !== undefined) checkApproved(request, digest);
  return { targets: await bringAll(document, deps, { options, orphans: orphans.length }) };
}

/** Lambda delivers late what it could not begin: the person has gone on by then. */
function checkInTime({ at }: IpRangesRequest, clock: RunClock): void {
  if (clock.now() > Date.parse(at) + BEGIN_WITHIN_MINUTES * 60_000)
    throw invalid(`It was asked at ${at}, and began too late. Nothing was done: ask again.`);
}

const digestOf = ({ document, command }: IpRangesRequest, targets: readonly IpRangesTarget[]): string =>
  createHash('sha256')
    .update(canonical({ document, allowShrink: command.allowShrink, targets }))
    .digest('hex');

function checkApproved({ approved }: IpRangesRequest, digest: string): void {
  if (approved === undefined) throw invalid('The document was not approved.');
  const changed = 'It was approved for other targets than are configured now. Propose it again.';
  if (approved !== digest) throw new SutureError('PlanChanged', changed);
}

const invalid = (what: string) => new IpRangesError('CommandInvalid', what);

const NOTHING_EXPECTED: Expected = { atLeast: 0, md5: new Map() };

type AnswerOne = (target: IpRangesTarget, site: TargetSite) => Promise<Partial<TargetAnswer>>;
/** Targets at work at once: most of their time they wait for AWS. */
const AT_ONCE = 5;

/** Answers for each target by itself: an error of one is its answer. */
async function answersOf(targets: readonly IpRangesTarget[], { siteOf }: OrderDeps, one: AnswerOne) {
  const answer = async (target: IpRangesTarget): Promise<TargetAnswer> => {
    const { key, mode, services } = target;
    const about = { target: key, mode, services: [...services] };
    try {
      const { error, ...more } = await one(target, await siteOf(target));
      return { ...about, ...more, ...(error && { error: failureOf(error) }) };
    } catch (error) {
      logger.error('target failed', { target: key, error: error as Error });
      return { ...about, error: failureOf(error as Error) };
    }
  };
  const answers: TargetAnswer[] = [];
  for (const some of chunks(targets, AT_ONCE)) answers.push(...(await Promise.all(some.map(answer))));
  return answers;
}

/** An error as JSON keeps it. */
const failureOf = ({ name, message }: Pick<Error, 'name' | 'message'>) => ({ name, message });

async function newestDocument({ targets, ledger, download, clock }: OrderDeps, { atLeast, md5 }: Expected) {
  const records = await Promise.all(targets.map(({ key }) => ledger.read(key)));
  const tokens = records.map(({ applied }) => applied?.syncToken ?? 0);
  return fetchDocument(download, { atLeast: Math.max(atLeast, ...tokens), md5 }, clock);
}

async function bringAll(
  document: Document,
  deps: OrderDeps,
  { options, orphans }: { options: BringOptions; orphans: number },
): Promise<TargetAnswer[]> {
  const { ledger, clock, events, run } = deps;
  const { syncToken, createDate } = document;
  const answers = await answersOf(deps.targets, deps, async (target, site) => {
    logger.debug('target', { target });
    const done = await update(target, document, { options, site, ledger, clock, run });
    return { syncToken, createDate, ...done };
  });
  await report(answers, document, { events, now: clock.now(), orphans });
  return answers;
}

/** Returns targets that the ledger knows and that are not updated any more. */
async function orphansOf({ targets, ledger }: OrderDeps): Promise<IpRangesTarget[]> {
  const keys = targets.map(({ key }) => key);
  return (await ledger.known()).filter(({ key }) => !keys.includes(key)).map(orphanTarget);
}

const status =
  ({ ledger }: OrderDeps): AnswerOne =>
  async ({ key }, site) => ({ applied: (await ledger.read(key)).applied, ...(await site.see()) });

const plan =
  (document: Document, options: PlanOptions, { ledger }: OrderDeps): AnswerOne =>
  async ({ key }, site) => {
    const { syncToken, createDate } = document;
    const { applied, baseline } = await ledger.read(key);
    const { held: _, notes, ...looked } = await site.look(document, { ...options, baseline });
    const isOlder = applied && applied.syncToken > tokenOf(document);
    const older = `the target was brought to the newer syncToken ${applied?.syncToken} already: apply would leave it there`;
    return { syncToken, createDate, applied, ...looked, notes: [...notes, ...(isOlder ? [older] : [])] };
  };

const ORPHAN =
  'an orphan: it is not configured any more, so its rules stay as they are and follow no document. Take them away with suture ip-ranges remove';

/** That an orphan's account cannot be read is a note: nobody waits for its rules. */
async function orphanAnswers(orphans: readonly IpRangesTarget[], deps: OrderDeps): Promise<TargetAnswer[]> {
  const answers = await answersOf(orphans, deps, async ({ key }, site) => {
    const { holders, attachedTo, notes } = await site.removal();
    return { holders, attachedTo, notes, applied: (await deps.ledger.read(key)).applied };
  });
  return answers.map(({ error, notes = [], ...of }) => {
    const unread = error && `its account could not be read: ${error.name}: ${error.message}`;
    return { ...of, services: [], orphan: true, notes: [ORPHAN, ...(unread ? [unread] : notes)] };
  });
}

/** Says what goes, and if it is no plan, takes it away. The ledger forgets the target when nothing is left of it. */
const removal =
  ({ ledger, clock, run }: OrderDeps, isPlan: boolean): AnswerOne =>
  async (target, site) => {
    const about = { services: [], orphan: true };
    if (isPlan) {
      const { carryOut: _, ...planned } = await site.removal();
      return { ...about, ...planned };
    }
    await takeLease(target, { ledger, clock, run });
    try {
      const { carryOut, ...done } = await site.removal();
      await carryOut();
      if (!done.error) await ledger.forget(target.key);
      return { ...about, ...done };
    } finally {
      await ledger.release(target.key, run);
    }
  };

/** @throws IpRangesError CommandInvalid for a name that no target has */
function choose(
  { command, targets: names }: IpRangesCommand,
  configured: readonly IpRangesTarget[],
  orphans: readonly IpRangesTarget[],
) {
  const isRemoval = command === 'remove' || command === 'plan-removal';
  const known = [...(isRemoval ? [] : configured), ...(command === 'apply' ? [] : orphans)];
  const unknown = names?.find((named) => !known.some(({ key, name }) => named === key || named === name));
  if (unknown !== undefined) {
    const keys = known.map(({ key }) => key);
    const nearest = suggestion(unknown, [...keys, ...known.map(({ name }) => name)]) || '.';
    throw invalid(`There is no target "${unknown}" to ${command}${nearest} There are: ${keys.join(', ') || 'none'}.`);
  }
  const chosen = ({ key, name }: IpRangesTarget) => !names || names.includes(key) || names.includes(name);
  return { targets: configured.filter(chosen), left: orphans.filter(chosen) };
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
