/** The function's two orders: bring all targets to what is published, and answer people. */
import { logger } from '../../functions/aws/observe.ts';
import { text } from '../../functions/contract/errors.ts';
import type { IpRangesAnswer, IpRangesCommand, TargetAnswer } from '../contract/command.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import type { Clock } from '../planning/converge.ts';
import { Document } from '../planning/document.ts';
import { IpRangesError } from '../planning/errors.ts';
import type { PlanOptions } from '../planning/plan.ts';
import { clientsOf, type Own } from './access.ts';
import { about, optionsOf, planOf, statusOf } from './answer.ts';
import { type Download, fetchDocument } from './fetch.ts';
import type { IpRangesLedger } from './ledger.ts';
import type { Expected } from './message.ts';
import { type Publish, report } from './report.ts';
import { answerOf, type Ran, runAll } from './run.ts';
import { type Site, siteOf } from './site.ts';
import { update } from './update.ts';

export type OrderDeps = {
  readonly targets: readonly IpRangesTarget[];
  readonly own: Own;
  readonly ledger: IpRangesLedger;
  readonly clock: Clock;
  readonly download: Download;
  readonly publish: Publish;
};

/**
 * After a message, or on schedule. One download, whatever the message says; no write where nothing has changed.
 * @throws IpRangesError TargetsFailed when all others are done
 */
export async function updated(
  expected: (Expected & { readonly odd: readonly string[] }) | undefined,
  tools: OrderDeps,
): Promise<IpRangesAnswer> {
  for (const odd of expected?.odd ?? []) logger.warn('odd message', { odd });
  const document = await newest(tools, expected);
  const ran = await broughtTo(document, tools, { options: {}, published: true });
  const failed = ran.filter(({ error }) => error !== undefined);
  if (failed.length > 0)
    throw new IpRangesError(
      'TargetsFailed',
      `${failed.length} of ${ran.length} targets failed. ${failed.map(({ target, error }) => `${target.key}: ${text(error)}`).join(' ')}`,
    );
  return { targets: ran.map((one) => answerOf(one, document)) };
}

/** For a person, who reads of failures in the answer. */
export async function answered(command: IpRangesCommand, all: OrderDeps): Promise<IpRangesAnswer> {
  const tools = { ...all, targets: chosen(command, all.targets) };
  if (command.command === 'status')
    return each(tools, undefined, async (target, site) => statusOf(target, site, tools.ledger));
  const given = command.document === undefined ? undefined : documentIn(command.document);
  const document = given ?? (await newest(tools));
  const options = optionsOf(command);
  if (command.command === 'plan')
    return each(tools, document, async (target, site) =>
      planOf(target, document, { site, ledger: tools.ledger, options }),
    );
  const ran = await broughtTo(document, tools, { options, published: given === undefined });
  return { targets: ran.map((one) => answerOf(one, document)) };
}

async function newest({ targets, ledger, download, clock }: OrderDeps, expected?: Expected): Promise<Document> {
  const applied = await Promise.all(targets.map(({ key }) => ledger.applied(key)));
  const atLeast = Math.max(expected?.atLeast ?? 0, ...applied.map((one) => one?.syncToken ?? 0));
  logger.debug('looking for a document', { atLeast, applied });
  const document = await fetchDocument(download, { atLeast, md5: expected?.md5 ?? new Map() }, clock);
  const { syncToken, createDate, prefixes, ipv6_prefixes } = document;
  logger.debug('document', { syncToken, createDate, rows: prefixes.length + ipv6_prefixes.length });
  return document;
}

async function broughtTo(
  document: Document,
  tools: OrderDeps,
  how: { readonly options: PlanOptions; readonly published: boolean },
): Promise<Ran[]> {
  const { own, ledger, clock, publish } = tools;
  const ran = await runAll(tools.targets, async (target) => {
    logger.debug('target', { target });
    const site = siteOf(target, await clientsOf(target, own), clock.sleep);
    return update(target, document, { ...how, site, ledger, clock, run: own.run });
  });
  for (const { target, error } of ran) if (error) logger.error('target failed', { target: target.key, error });
  await report(ran, document, publish, clock.now());
  return ran;
}

async function each(
  { targets, own, clock }: OrderDeps,
  document: Document | undefined,
  answer: (target: IpRangesTarget, site: Site) => Promise<TargetAnswer>,
): Promise<IpRangesAnswer> {
  const answers: TargetAnswer[] = [];
  for (const target of targets)
    try {
      answers.push(await answer(target, siteOf(target, await clientsOf(target, own), clock.sleep)));
    } catch (error) {
      const { name, message } = error as Error;
      answers.push({ ...about(target, document), error: { name, message } });
    }
  return { targets: answers };
}

function chosen({ targets: names }: IpRangesCommand, all: readonly IpRangesTarget[]): readonly IpRangesTarget[] {
  if (!names) return all;
  const unknown = names.find((name) => !all.some((target) => target.key === name || target.name === name));
  if (unknown !== undefined)
    throw new IpRangesError(
      'TargetBlocked',
      `There is no target ${unknown}; there are ${all.map(({ key }) => key).join(', ')}.`,
    );
  return all.filter((target) => names.includes(target.key) || names.includes(target.name));
}

function documentIn(given: unknown): Document {
  const parsed = Document.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new IpRangesError('DocumentRefused', `The document is not in the published format: ${problems.join('; ')}.`);
}
