import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { logger } from '../../functions/aws/observe.ts';
import type { IpRangesAnswer, IpRangesCommand, TargetAnswer } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, orphanTarget } from '../contract/targets.ts';
import { checkAge, type Document, parseDocument, tokenOf } from '../planning/document.ts';
import type { PlanOptions } from '../planning/plan.ts';
import { clientsOf, type Own } from './access.ts';
import type { RunClock } from './converge.ts';
import { type Download, type Expected, fetchDocument } from './fetch.ts';
import type { IpRangesLedger } from './ledger.ts';
import { chunks } from './pages.ts';
import { report } from './report.ts';
import { siteOf, type TargetSite } from './site.ts';
import { takeLease, update } from './update.ts';

export type OrderDeps = {
  readonly targets: readonly IpRangesTarget[];
  readonly own: Own;
  readonly ledger: IpRangesLedger;
  readonly clock: RunClock;
  readonly download: Download;
  readonly events: EventBridgeClient;
};

/**
 * After a message, or on schedule. One download, whatever the message says; no write where nothing has changed.
 * @throws IpRangesError TargetsFailed when all others are done
 */
export async function updateAll(expected: Expected, deps: OrderDeps): Promise<IpRangesAnswer> {
  const document = await newestDocument(deps, expected);
  const orphans = await orphansOf(deps);
  const targets = await bringAll(document, deps, { options: {}, published: true, orphans: orphans.length });
  const failed = targets.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return { targets };
  const reasons = failed.map(({ target, error }) => `${target}: ${error!.name}: ${error!.message}`).join(' ');
  throw new IpRangesError('TargetsFailed', `${failed.length} of ${targets.length} targets failed. ${reasons}`);
}

/** For a person, who reads of failures in the answer. */
export async function answer(command: IpRangesCommand, all: OrderDeps): Promise<IpRangesAnswer> {
  const orphans = await orphansOf(all);
  const { targets, left } = choose(command, all.targets, orphans);
  const deps = { ...all, targets };
  const { allowShrink, adopt } = command;
  if (command.command === 'remove' || command.command === 'plan-removal') {
    const isPlan = command.command === 'plan-removal';
    return { targets: await answersOf(left, deps, (target, site) => removalAnswer(target, site, deps, isPlan)) };
  }
  const answersWithOrphans = async (one: AnswerOne): Promise<IpRangesAnswer> => ({
    targets: [...(await answersOf(targets, deps, one)), ...(await orphanAnswers(left, deps))],
  });
  if (command.command === 'status')
    return answersWithOrphans(async (target, site) => {
      const { applied } = await deps.ledger.read(target.key);
      return { applied, ...(await site.see()) };
    });
  const given = command.document === undefined ? undefined : documentIn(command.document, deps.clock);
  const document = given ?? (await newestDocument(deps, NOTHING_EXPECTED));
  const options = { allowShrink, adopt };
  if (command.command === 'apply')
    return { targets: await bringAll(document, deps, { options, published: !given, orphans: orphans.length }) };
  return answersWithOrphans((target, site) => planAnswer(target, site, { document, options, ledger: deps.ledger }));
}

const NOTHING_EXPECTED: Expected = { atLeast: 0, md5: new Map() };

type AnswerOne = (target: IpRangesTarget, site: TargetSite) => Promise<Partial<TargetAnswer>>;
/** Targets at work at once: most of their time they wait for AWS. */
const AT_ONCE = 5;

/** Answers for each target by itself: an error of one is its answer. */
async function answersOf(targets: readonly IpRangesTarget[], { own, clock }: OrderDeps, one: AnswerOne) {
  const answers: TargetAnswer[] = [];
  for (const some of chunks(targets, AT_ONCE)) {
    const next = some.map(async (target): Promise<TargetAnswer> => {
      const { key, mode, services } = target;
      const about = { target: key, mode, services: [...services] };
      try {
        const { error, ...more } = await one(target, siteOf(target, await clientsOf(target, own), clock.sleep));
        return { ...about, ...more, ...(error && { error: { name: error.name, message: error.message } }) };
      } catch (error) {
        logger.error('target failed', { target: key, error: error as Error });
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        return { ...about, error: { name, message } };
      }
    });
    answers.push(...(await Promise.all(next)));
  }
  return answers;
}

async function newestDocument({ targets, ledger, download, clock }: OrderDeps, { atLeast, md5 }: Expected) {
  const records = await Promise.all(targets.map(({ key }) => ledger.read(key)));
  const tokens = records.map(({ applied }) => applied?.syncToken ?? 0);
  return fetchDocument(download, { atLeast: Math.max(atLeast, ...tokens), md5 }, clock);
}

async function bringAll(
  document: Document,
  deps: OrderDeps,
  { options, published, orphans }: { options: PlanOptions; published: boolean; orphans: number },
): Promise<TargetAnswer[]> {
  const { own, ledger, clock, events } = deps;
  const { syncToken, createDate } = document;
  const answers = await answersOf(deps.targets, deps, async (target, site) => {
    logger.debug('target', { target });
    const done = await update(target, document, { options, published, site, ledger, clock, run: own.run });
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

async function planAnswer(
  { key }: IpRangesTarget,
  site: TargetSite,
  { document, options, ledger }: { document: Document; options: PlanOptions; ledger: IpRangesLedger },
): Promise<Partial<TargetAnswer>> {
  const { syncToken, createDate } = document;
  const { applied, baseline } = await ledger.read(key);
  const { held: _, notes, ...looked } = await site.look(document, { ...options, baseline });
  const isOlder = applied && applied.syncToken > tokenOf(document);
  const older = `the target was brought to the newer syncToken ${applied?.syncToken} already: apply would leave it there`;
  return { syncToken, createDate, applied, ...looked, notes: [...notes, ...(isOlder ? [older] : [])] };
}

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
async function removalAnswer(target: IpRangesTarget, site: TargetSite, deps: OrderDeps, isPlan: boolean) {
  const { ledger, clock, own } = deps;
  if (!isPlan) await takeLease(target, { ledger, clock, run: own.run });
  try {
    const { carryOut, ...looked } = await site.removal();
    if (!isPlan) await carryOut();
    if (!isPlan && !looked.error) await ledger.forget(target.key);
    return { services: [], orphan: true, ...looked };
  } finally {
    if (!isPlan) await ledger.release(target.key, own.run);
  }
}

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
    const there = known.map(({ key }) => key).join(', ') || 'none';
    const what = `There is nothing called ${unknown} to ${command}; there are ${there}.`;
    throw new IpRangesError('CommandInvalid', what);
  }
  const chosen = ({ key, name }: IpRangesTarget) => !names || names.includes(key) || names.includes(name);
  return { targets: configured.filter(chosen), left: orphans.filter(chosen) };
}

function documentIn(given: unknown, clock: RunClock): Document {
  try {
    const document = parseDocument(JSON.stringify(given));
    checkAge(document, clock.now());
    return document;
  } catch (error) {
    throw new IpRangesError('CommandInvalid', `The document is refused: ${(error as Error).message}.`);
  }
}
