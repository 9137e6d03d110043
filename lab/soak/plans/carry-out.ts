/** Carries a plan out through the executed workflow, mends, and says what is wrong then. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { same } from '../../../functions/domain/same.ts';
import { dynamoJournal, journalKey } from '../../../functions/ledger/journal.ts';
import type { FaultRule } from '../../../sandbox/kernel/kernel.ts';
import { JOURNAL_TABLE } from '../../../stacks/names.ts';
import { arrange, type Made } from '../arrange.ts';
import type { Planned } from '../mix.ts';
import { writesIn } from '../policy-change/writes.ts';
import { mend } from '../replay-failures.ts';
import { emit, operatorOf, type Soaked } from '../soak-installation.ts';
import { reading } from '../state.ts';
import { MODES, type Plan, ruleOf } from './plan.ts';

/** One control, in an account for each mode. */
const CONTROL = 'EC2.13';
const accountOf = (mode: Plan['mode']) => String(300_000_000_001 + MODES.indexOf(mode));

export const MEMBERS = MODES.map((mode) => ({ id: accountOf(mode), name: mode }));
const NO_LIMIT = 1_000_000;
export const POLICY = {
  version: 1,
  controls: { [CONTROL]: { accounts: Object.fromEntries(MODES.map((mode) => [accountOf(mode), mode])) } },
  caps: { perAccountAndHour: NO_LIMIT, perRemediationAndHour: NO_LIMIT, executionsPerHour: NO_LIMIT },
  breaker: { failures: NO_LIMIT },
};

/** @param nth of the plans of this organization: each makes resources of its own */
export async function carriedOut(soaked: Soaked, { mode, findings, faults }: Plan, nth: number): Promise<string[]> {
  const { kernel } = soaked.sandbox;
  let resource = 0;
  const planned = findings.map(({ events, sameResource }): Planned => {
    resource += sameResource ? 0 : 1;
    const place = { account: accountOf(mode), resource: nth * 10 + resource };
    return { kind: 'faulty', control: CONTROL, madeAs: CONTROL, events, ...place };
  });
  // Whatever functions remember is outdated, so that they ask again.
  await kernel.clock.advance(10 * 60_000);
  const made = (await arrange(soaked, planned)).map((each, n) => named(each, `${nth}-${n}`));
  const before = writesIn(kernel).length;
  await under(soaked, faults.map(ruleOf), async () => {
    for (const each of made) for (let n = 0; n < each.planned.events; n++) emit(soaked, each.finding);
    await soaked.sandbox.settled();
  });
  await mend(soaked);
  const writes = writesIn(kernel).length - before;
  return wrong(soaked, mode, made, writes);
}

const named = (made: Made, name: string): Made => ({
  ...made,
  finding: { ...made.finding, Id: made.finding.Id.replace(/[^/]+$/, name) },
});

async function under({ sandbox: { kernel } }: Soaked, rules: readonly FaultRule[], work: () => Promise<void>) {
  kernel.faults.push(...rules);
  try {
    await work();
  } finally {
    for (const rule of rules) kernel.faults.splice(kernel.faults.indexOf(rule), 1);
  }
}

/** A resource is changed where policy lets it be, by one finding, with its undo; and each event has its line. */
async function wrong(soaked: Soaked, mode: Plan['mode'], made: readonly Made[], writes: number): Promise<string[]> {
  const problems: string[] = [];
  if (mode !== 'auto' && writes > 0) problems.push(`policy says ${mode}, and ${writes} writes were made`);
  const { ledger } = await operatorOf(soaked);
  for (const those of Map.groupBy(made, ({ planned }) => planned.resource).values()) {
    const lines = (await Promise.all(those.map(({ finding }) => ledger.history(finding.Id)))).flat();
    const ends = lines.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'FAILED');
    const events = those.reduce((sum, { planned }) => sum + planned.events, 0);
    if (ends.length !== events) problems.push(`${events} events have ${ends.length} ends in the ledger`);
    const fixes = ends.filter((outcome) => outcome === 'FIXED').length;
    if (fixes !== (mode === 'auto' ? 1 : 0))
      problems.push(`policy says ${mode}, and a resource was fixed ${fixes} times`);
    problems.push(...(await wrongResource(soaked, mode, those)));
  }
  return problems;
}

async function wrongResource(soaked: Soaked, mode: Plan['mode'], made: readonly Made[]): Promise<string[]> {
  const { sandbox, context } = soaked;
  const [{ watched, before, at }] = made as [Made];
  const now = await reading(sandbox, watched, at);
  const journal = dynamoJournal(JOURNAL_TABLE, new DynamoDBClient(sandbox.administrator(context.serviceAccount)));
  const entries = await Promise.all(
    made.map(({ finding }) => journal.newest(journalKey(watched.module.id, finding.Id))),
  );
  const changes = entries.filter((entry) => entry !== undefined);
  if (mode !== 'auto')
    return [
      ...(same(now.state, before.state) ? [] : [`policy says ${mode}, and the resource is ${shown(now.state)}`]),
      ...(changes.length === 0 ? [] : [`policy says ${mode}, and the journal has ${changes.length} changes`]),
    ];
  return [
    ...(now.isRight ? [] : [`the resource is ${shown(now.state)}, which is not right`]),
    ...(changes.length === 1 ? [] : [`the journal has ${changes.length} changes of one resource`]),
    ...changes
      .filter((entry) => entry.status !== 'done' || !same(entry.before, before.state))
      .map((entry) => `the journal has a change that is ${entry.status}, with the undo ${shown(entry.before)}`),
  ];
}

const shown = (value: unknown) => JSON.stringify(value);
