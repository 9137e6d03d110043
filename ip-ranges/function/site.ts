/** A target in its account, with groups or with lists: reads it, plans, brings it to a document, and removes it. */
import { SutureError } from '../../functions/contract/errors.ts';
import { plainText } from '../../functions/domain/plain-text.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';
import type { TargetAnswer } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import type { Document } from '../planning/document.ts';
import { heldRanges, type PlanOptions, type TargetPlan } from '../planning/plan.ts';
import type { ListStep } from '../planning/plan-lists.ts';
import type { GroupStep } from '../planning/state.ts';
import { callOf } from './calls.ts';
import { converge, type RunClock } from './converge.ts';
import { groupsWorld } from './groups.ts';
import { listsWorld } from './lists.ts';
import type { TargetWorld, WorldClients, WorldReport } from './world.ts';

/** The calls and notes of a target, as planned or as done. */
export type SitePlan = Required<Pick<TargetAnswer, 'calls' | 'notes'>> &
  Pick<TargetAnswer, 'figures' | 'halted' | 'error'>;
export type TargetSite = ReturnType<typeof siteOf>;

export type SiteDeps = {
  /** Waits while a list changes. */
  readonly sleep: RunClock['sleep'];
  readonly stop: () => Promise<StopEntry | undefined>;
};

export const siteOf = (target: IpRangesTarget, clients: WorldClients, { sleep, stop }: SiteDeps) =>
  target.mode === 'prefix-list'
    ? siteWith(listsWorld(target, clients, sleep), stop)
    : siteWith(groupsWorld(target, clients), stop);

function siteWith<S extends Parameters<typeof heldRanges>[0], T extends GroupStep | ListStep>(
  world: TargetWorld<S, T>,
  readStop: SiteDeps['stop'],
) {
  const perform = async (step: T, isPublished: boolean) => {
    const stop = await readStop();
    if (stop && (stop.all || !isPublished || takesAway(step))) throw new SutureError('Stopped', `${stopText(stop)}.`);
    await world.perform(step);
  };
  const reportOf = (state: S, stop: StopEntry | undefined): WorldReport => {
    const report = world.reportOf(state);
    return { ...report, notes: withStop(stop, report.notes) };
  };
  return {
    see: async () => reportOf(await world.read(), await readStop()),
    /** Says what would be done; writes nothing. `held`: the target's ranges. */
    async look(document: Document, options: PlanOptions) {
      const [state, stop] = [await world.read(), await readStop()];
      const planned = world.plan(document, state, { ...options, halted: stop !== undefined });
      return {
        report: reportOf(state, stop),
        plan: planAnswer(planned, planned.steps, stop),
        held: heldRanges(state),
      };
    },
    /** Makes calls until nothing is left to do, and returns them. Throws as `converge` does, and Stopped. */
    async bring(document: Document, { isPublished, ...options }: BringOptions, clock: RunClock): Promise<SitePlan> {
      const stop = await readStop();
      const planFor = (state: S) => world.plan(document, state, { ...options, halted: stop !== undefined });
      const guarded = { ...world, perform: (step: T) => perform(step, isPublished) };
      const { plan, done } = await converge(guarded, planFor, clock);
      return planAnswer(plan, done, stop);
    },
    /** Says what can be removed of a target that is not configured any more; `carryOut` makes the calls. */
    async removal() {
      const { state, steps, blocked } = await world.removal();
      const carryOut = async () => {
        for (const step of steps) await perform(step, true);
      };
      const report = reportOf(state, await readStop());
      return { report, calls: steps.map(callOf), error: problemOf({ blocked }), carryOut };
    },
  };
}

/** `isPublished`: AWS publishes the document now. */
export type BringOptions = PlanOptions & { readonly isPublished: boolean };

const stopText = ({ at, by, reason, all }: StopEntry): string =>
  `Suture is stopped since ${at} by ${by}: ${reason}; ${all ? 'nothing is changed' : 'ranges that AWS publishes are let in, and nothing else is changed'}`;

const takesAway = (step: GroupStep | ListStep): boolean =>
  'remove' in step ? step.remove.length > 0 : /^(revoke|detach|delete)/.test(step.kind);

const withStop = (stop: StopEntry | undefined, notes: readonly string[]): string[] =>
  stop ? [stopText(stop), ...notes] : [...notes];

function planAnswer(
  planned: TargetPlan<unknown>,
  steps: readonly (GroupStep | ListStep)[],
  stop: StopEntry | undefined,
): SitePlan {
  const { figures, notes } = planned;
  const halted = stop ? true : undefined;
  return { calls: steps.map(callOf), figures, halted, notes: withStop(stop, notes), error: problemOf(planned) };
}

/** Puts obstacles first: they stay whether or not a person allows the shrink. */
export function problemOf({ refused, blocked }: Pick<TargetPlan<unknown>, 'refused' | 'blocked'>) {
  const obstacles = blocked.map(withFullStop);
  const message = [...obstacles, ...(refused === undefined ? [] : [refused])].join(' ');
  if (refused === undefined) return blocked.length > 0 ? new IpRangesError('TargetBlocked', message) : undefined;
  const reasons = [
    ...(blocked.length > 0 ? [{ name: 'TargetBlocked', lines: obstacles.map((text) => plainText(text)) }] : []),
    { name: 'DocumentRefused', lines: [plainText(refused)] },
  ];
  return new IpRangesError('DocumentRefused', message, { reasons });
}

const withFullStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`);
