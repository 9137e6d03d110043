/** A policy that changes while thousands of executions are open: what waited goes by the new one, and a replay ends it right. */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { policyStore } from '../../../cli/clients/policy.ts';
import type { SuturePolicy } from '../../../functions/domain/policy.ts';
import { arrange, type Made } from '../arrange.ts';
import { installed } from '../installation.ts';
import { mend } from '../replay-failures.ts';
import { emit, type Soaked } from '../soak-installation.ts';
import { type Arrived, type Ended, endsOf } from './ends.ts';
import { AFTER, type Arriving, AT_LAST, arriving, BEFORE, type Group, MEMBERS } from './groups.ts';
import { standstill } from './standstill.ts';
import { writesIn } from './writes.ts';

export type PolicyChangeOptions = {
  /** Open when the policy changes. */
  readonly findings: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
};

export type PolicyChangeReport = {
  /** Open when the policy changed; and how they ended by the old policy or the new one. */
  readonly open: number;
  readonly ends: Ended['ends'];
  /** The same for those that came later. */
  readonly later: Ended['ends'];
  /** How all that were open ended at last. */
  readonly atLast: Ended['ends'];
  readonly problems: readonly string[];
};

/** Milliseconds for which a function may still go by a policy that it has read. */
const REMEMBERED = 60_000;
/** Of ten findings that are open, one more comes later. */
const LATER = 10;

/** How findings that were open may end: by the old policy within the minute that functions remember it. */
const OPEN: Readonly<Record<Group, readonly string[]>> = {
  stays: ['FIXED'],
  off: ['FIXED', 'Stopped'],
  observe: ['FIXED', 'Stopped'],
  takenBack: ['ARCHIVED'],
};
const AFTERWARDS: Readonly<Record<Group, readonly string[]>> = {
  stays: ['FIXED'],
  off: ['ignore'],
  observe: ['PLANNED'],
  takenBack: ['FIXED'],
};

export const policyChange = ({ findings, seed, progress }: PolicyChangeOptions): Promise<PolicyChangeReport> => {
  progress('deploying the templates');
  return installed({ members: MEMBERS, policy: BEFORE, seed }, (soaked) => play(soaked, findings, progress));
};

async function play(soaked: Soaked, findings: number, progress: PolicyChangeOptions['progress']) {
  const { sandbox } = soaked;
  const { kernel } = sandbox;
  const plan = arriving(findings);
  progress(`making the resources of ${findings} findings`);
  const made = await arrange(soaked, [...plan, ...arriving(Math.ceil(findings / LATER), findings)]);

  const archives = plan.filter(({ group }) => group === 'takenBack').length;
  const still = standstill(plan.length - archives, archives);
  kernel.faults.push(still.rule);
  const open = arrive(soaked, made.slice(0, findings));
  await Promise.race([still.reached, sandbox.settled()]);
  progress(`${findings} executions are open, and wait; the policy changes`);
  await deploy(soaked, AFTER);
  const changedAt = kernel.clock.now();
  // Half of them go on within the minute, the others beyond it.
  still.lift('half');
  await kernel.clock.advance(2 * REMEMBERED);
  still.lift('all');
  await sandbox.settled();
  const byEither = await endsOf(soaked, open, ({ group }) => OPEN[group]);

  progress('more findings come, and what failed is replayed by the new policy');
  await kernel.clock.advance(REMEMBERED);
  const later = arrive(soaked, made.slice(findings));
  await sandbox.settled();
  const afterwards = await endsOf(soaked, later, ({ group }) => AFTERWARDS[group]);
  await mend(soaked);
  const replayed = await endsOf(soaked, open, ({ group }) => OPEN[group]);
  const against = writesAgainst(soaked, [...open, ...later], changedAt + REMEMBERED);

  progress('everything becomes automatic, and what is left is replayed');
  await deploy(soaked, AT_LAST);
  await kernel.clock.advance(REMEMBERED);
  await mend(soaked);
  // A person sets what was archived back to NEW, and Security Hub tells of it.
  const reopened = arrive(
    soaked,
    open.filter(({ planned: { group } }) => group === 'takenBack'),
  );
  await sandbox.settled();
  const rest = open.filter(({ planned: { group } }) => group !== 'takenBack');
  const atLast = await endsOf(soaked, [...rest, ...reopened], () => ['FIXED']);
  return {
    open: findings,
    ends: byEither.ends,
    later: afterwards.ends,
    atLast: atLast.ends,
    problems: [
      ...(byEither.ends.Stopped ? [] : ['no execution that was open met the new policy']),
      ...[byEither, afterwards, replayed, atLast].flatMap(({ problems }) => problems),
      ...against,
    ],
  };
}

const arrive = (soaked: Soaked, made: readonly Made[]): Arrived[] =>
  made.map((each) => ({ ...each, planned: each.planned as Arriving, event: emit(soaked, each.finding) }));

async function deploy({ sandbox, context }: Soaked, policy: SuturePolicy): Promise<void> {
  const store = await policyStore(new AppConfigClient(sandbox.administrator(context.securityAccount)));
  await store.deploy(await store.add(policy, await store.latestVersion()), () => {});
}

/** What was written by an attempt that began when every function knew that policy does not want it. */
function writesAgainst({ sandbox: { kernel } }: Soaked, arrived: readonly Arrived[], since: number): string[] {
  const forbidden = new Set(
    arrived
      .filter(({ planned: { group } }) => group === 'off' || group === 'observe')
      .map(({ watched: { place } }) => place.account),
  );
  return writesIn(kernel)
    .filter(({ account, begun }) => forbidden.has(account) && begun > since)
    .map(
      ({ account, operation, begun }) =>
        `${operation} in ${account}, by an attempt of ${new Date(begun).toISOString()}, is against policy`,
    );
}
