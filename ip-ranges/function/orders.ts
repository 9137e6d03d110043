/** The function's orders: bring all targets to the published document, and answer people. */
import { logger } from '../../functions/aws/observe.ts';
import { text } from '../../functions/contract/errors.ts';
import type { IpRangesAnswer, IpRangesCommand, TargetAnswer } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, orphanTarget } from '../contract/targets.ts';
import { checkAge, type Document, parseDocument, tokenOf } from '../planning/document.ts';
import type { PlanOptions } from '../planning/plan.ts';
import { clientsOf, type Own } from './access.ts';
import type { RunClock } from './converge.ts';
import { type Download, fetchDocument } from './fetch.ts';
import type { IpRangesLedger } from './ledger.ts';
import type { Expected } from './message.ts';
import { removalOf } from './removal.ts';
import { answerAbout, answerOf, type PublishRanges, report, runAll, type TargetRun } from './run.ts';
import { siteOf, type TargetSite } from './site.ts';
import { takeLease, update } from './update.ts';

export type OrderDeps = {
  readonly targets: readonly IpRangesTarget[];
  readonly own: Own;
  readonly ledger: IpRangesLedger;
  readonly clock: RunClock;
  readonly download: Download;
  readonly publish: PublishRanges;
};

/**
 * After a message, or on schedule. One download, whatever the message says; no write where nothing has changed.
 * @throws IpRangesError TargetsFailed when all others are done
 */
export async function updateAll(
  expected: (Expected & { readonly odd: readonly string[] }) | undefined,
  deps: OrderDeps,
): Promise<IpRangesAnswer> {
  for (const odd of expected?.odd ?? []) logger.warn('odd message', { odd });
  const document = await newestDocument(deps, expected);
  const orphans = await orphansOf(deps);
  const runs = await bringAll(document, deps, { options: {}, published: true, orphans: orphans.length });
  const failed = runs.filter(({ error }) => error !== undefined);
  if (failed.length > 0)
    throw new IpRangesError(
      'TargetsFailed',
      `${failed.length} of ${runs.length} targets failed. ${failed.map(({ target, error }) => `${target.key}: ${text(error)}`).join(' ')}`,
    );
  return { targets: runs.map((run) => answerOf(run, document)) };
}

/** For a person, who reads of failures in the answer. */
export async function answer(command: IpRangesCommand, all: OrderDeps): Promise<IpRangesAnswer> {
  const orphans = await orphansOf(all);
  const { targets, left } = choose(command, all.targets, orphans);
  const deps = { ...all, targets };
  switch (command.command) {
    case 'remove':
    case 'plan-removal':
      return { targets: await eachOf(left, (target) => removalAnswer(command.command, target, deps)) };
    case 'status': {
      const answers = await eachOf(targets, async (target) => statusOf(target, await siteFor(target, deps), deps));
      return { targets: [...answers, ...(await eachOf(left, (target) => orphanAnswer(target, deps)))] };
    }
  }
  const given = command.document === undefined ? undefined : documentIn(command.document, deps.clock);
  const document = given ?? (await newestDocument(deps));
  const { allowShrink, adopt } = command;
  if (command.command === 'apply') {
    const how = { options: { allowShrink, adopt }, published: given === undefined, orphans: orphans.length };
    const runs = await bringAll(document, deps, how);
    return { targets: runs.map((run) => answerOf(run, document)) };
  }
  const answers = await eachOf(targets, async (target) =>
    planOf(target, await siteFor(target, deps), { document, options: { allowShrink, adopt }, ledger: deps.ledger }),
  );
  return { targets: [...answers, ...(await eachOf(left, (target) => orphanAnswer(target, deps)))] };
}

const siteFor = async (target: IpRangesTarget, { own, clock }: OrderDeps): Promise<TargetSite> =>
  siteOf(target, await clientsOf(target, own), clock.sleep);

async function newestDocument({ targets, ledger, download, clock }: OrderDeps, expected?: Expected): Promise<Document> {
  const records = await Promise.all(targets.map(({ key }) => ledger.read(key)));
  const atLeast = Math.max(expected?.atLeast ?? 0, ...records.map(({ applied }) => applied?.syncToken ?? 0));
  logger.debug('looking for a document', { atLeast });
  const document = await fetchDocument(download, { atLeast, md5: expected?.md5 ?? new Map() }, clock);
  logger.debug('document', { syncToken: document.syncToken, createDate: document.createDate });
  return document;
}

async function bringAll(
  document: Document,
  deps: OrderDeps,
  { options, published, orphans }: { options: PlanOptions; published: boolean; orphans: number },
): Promise<TargetRun[]> {
  const { own, ledger, clock, publish } = deps;
  const runs = await runAll(deps.targets, async (target) => {
    logger.debug('target', { target });
    const site = await siteFor(target, deps);
    return update(target, document, { options, published, site, ledger, clock, run: own.run });
  });
  for (const { target, error } of runs) if (error) logger.error('target failed', { target: target.key, error });
  await report(runs, document, { publish, now: clock.now(), orphans });
  return runs;
}

/** Returns targets that the ledger knows and that are not updated any more. */
async function orphansOf({ targets, ledger, own }: OrderDeps): Promise<IpRangesTarget[]> {
  const keys = targets.map(({ key }) => key);
  return (await ledger.known()).filter(({ key }) => !keys.includes(key)).map((known) => orphanTarget(known, own));
}

/** An error of one target is its answer. */
async function eachOf(
  targets: readonly IpRangesTarget[],
  one: (target: IpRangesTarget) => Promise<TargetAnswer>,
): Promise<TargetAnswer[]> {
  const answers: TargetAnswer[] = [];
  for (const target of targets)
    try {
      answers.push(await one(target));
    } catch (error) {
      const { name, message } = error as Error;
      answers.push({ ...answerAbout(target), error: { name, message } });
    }
  return answers;
}

async function statusOf(target: IpRangesTarget, site: TargetSite, { ledger }: OrderDeps): Promise<TargetAnswer> {
  const { applied } = await ledger.read(target.key);
  return { ...answerAbout(target), applied, ...(await site.see()) };
}

async function planOf(
  target: IpRangesTarget,
  site: TargetSite,
  { document, options, ledger }: { document: Document; options: PlanOptions; ledger: IpRangesLedger },
): Promise<TargetAnswer> {
  const { applied, baseline } = await ledger.read(target.key);
  const { problem, notes, held: _, ...looked } = await site.look(document, { ...options, baseline });
  const isOlder = applied && applied.syncToken > tokenOf(document);
  const older = `the target was brought to the newer syncToken ${applied?.syncToken} already: apply would leave it there`;
  return {
    ...answerAbout(target, document),
    ...looked,
    applied,
    notes: [...notes, ...(isOlder ? [older] : [])],
    ...(problem && { error: { name: problem.name, message: problem.message } }),
  };
}

const ORPHAN =
  'an orphan: it is not configured any more, so its rules stay as they are and follow no document. Take them away with suture ip-ranges remove';

async function orphanAnswer(target: IpRangesTarget, { own, clock, ledger }: OrderDeps): Promise<TargetAnswer> {
  const { applied } = await ledger.read(target.key);
  const base = { ...answerAbout(target), services: [], orphan: true, applied };
  try {
    const { holders, attachedTo, notes } = await removalOf(target, await clientsOf(target, own), clock.sleep);
    return { ...base, holders, attachedTo, notes: [ORPHAN, ...notes] };
  } catch (error) {
    return { ...base, notes: [ORPHAN, `its account could not be read: ${text(error)}`] };
  }
}

/** Says what goes, and with `remove` takes it away. The ledger forgets the target when nothing is left of it. */
async function removalAnswer(
  command: IpRangesCommand['command'],
  target: IpRangesTarget,
  { own, clock, ledger }: OrderDeps,
): Promise<TargetAnswer> {
  const clients = await clientsOf(target, own);
  const isPlan = command === 'plan-removal';
  if (!isPlan) await takeLease(target, { ledger, clock, run: own.run });
  try {
    const { problem, carryOut, ...looked } = await removalOf(target, clients, clock.sleep);
    if (!isPlan) await carryOut();
    if (!isPlan && !problem) await ledger.forget(target.key);
    const error = problem && { name: problem.name, message: problem.message };
    return { ...answerAbout(target), services: [], orphan: true, ...looked, ...(error && { error }) };
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
    const there = known.map(({ key }) => key).join(', ');
    throw new IpRangesError(
      'CommandInvalid',
      `There is nothing called ${unknown} to ${command}; there are ${there || 'none'}.`,
    );
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
