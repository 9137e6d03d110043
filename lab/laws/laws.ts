/** The laws that every case of every remediation keeps. Each throws with what was met when one is broken. */
import { isDeepStrictEqual } from 'node:util';
import { isThrottling } from '../../functions/contract/errors.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { same } from '../../functions/domain/same.ts';
import type { EngineResult } from '../../functions/remediate/engine.ts';
import { actionDetails } from '../../sandbox/authorization/actions.ts';
import type { Fault } from '../../sandbox/kernel/kernel.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { type Arranged, HERE, type Lab, madeByRemediation, type Trial } from './lab.ts';

export type Law = {
  readonly name: string;
  readonly says: string;
  prove(lab: Lab, arranged: Arranged): Promise<void>;
};

export const LAWS: readonly Law[] = [
  { name: 'plan-reads', says: 'plan only reads, by its reads alone', prove: planReads },
  {
    name: 'ends-as-said',
    says: 'apply ends as the case says, and then there is nothing left to do',
    prove: endsAsSaid,
  },
  { name: 'rollback', says: 'rollback restores what plan saw', prove: rollsBack },
  {
    name: 'neighbours',
    says: 'neighbours, other Regions and other accounts stay as they were',
    prove: sparesNeighbours,
  },
  {
    name: 'killed',
    says: 'killed between any two steps and run again, it ends the same, with the same undo',
    prove: survivesDeath,
  },
  { name: 'stale-reads', says: 'reads that lag behind writes change nothing of the end', prove: bearsStaleReads },
  {
    name: 'throttled',
    says: 'throttled at any call, it says so, and run again it ends the same',
    prove: bearsThrottling,
  },
  { name: 'denied', says: 'denied at any call, it fails and claims nothing', prove: admitsDenial },
  { name: 'pages', says: 'lists are read to their last page', prove: readsAllPages },
];

async function planReads(lab: Lab, arranged: Arranged) {
  const trial = lab.begin(arranged);
  const outcome = await trial.go('plan');
  const expected = { FIXED: 'planned', COMPLIANT: 'compliant', REFUSED: 'refused' }[arranged.case.expected];
  must(outcome?.kind === expected, `plan answers ${shown(outcome)}, not ${expected}`);
  mustBeSameWorld(arranged.world, trial.world(), 'plan changed');
  must(trial.journal().length === 0, 'plan wrote to the journal');
}

async function endsAsSaid(lab: Lab, arranged: Arranged) {
  const trial = lab.begin(arranged);
  mustEndAsSaid(arranged, await trial.untilSettled());
  if (arranged.case.expected !== 'FIXED') return mustBeSameWorld(arranged.world, trial.world(), 'apply changed');
  const again = await trial.go('plan', { execution: 'arn:execution:2' });
  must(again?.kind === 'compliant', `planned again after the fix, it answers ${shown(again)}`);
}

async function rollsBack(lab: Lab, arranged: Arranged) {
  if (arranged.case.expected !== 'FIXED') return;
  const trial = lab.begin(arranged);
  const before = await trial.state();
  await trial.untilSettled();
  const after = await trial.state();
  const world = trial.world();
  const outcome = await trial.go('rollback', { execution: 'arn:execution:2' });
  if (isLost(arranged, before, after)) {
    must(outcome?.kind === 'refused', `rollback of what cannot be undone answers ${shown(outcome)}`);
    return mustBeSameWorld(world, trial.world(), 'refused rollback changed');
  }
  must(outcome?.kind === 'fixed', `rollback answers ${shown(outcome)}`);
  const restored = await trial.state();
  must(same(restored, before), `rollback left ${shown(restored)}, not ${shown(before)}`);
}

/** Whether the remediation says that this change loses something for good. */
const isLost = ({ cases: { of } }: Arranged, before: unknown, after: unknown): boolean =>
  (of.irreversible ?? of.loses?.(before, after)) !== undefined;

async function sparesNeighbours(lab: Lab, arranged: Arranged) {
  const trial = lab.begin(arranged);
  const before = await Promise.all(arranged.neighbours.map((each) => trial.state(each)));
  await trial.untilSettled();
  if (arranged.case.expected === 'FIXED') await trial.go('rollback', { execution: 'arn:execution:2' });
  for (const [n, neighbour] of arranged.neighbours.entries()) {
    const now = await trial.state(neighbour);
    must(same(now, before[n]), `${neighbour.what} is ${shown(now)}, was ${shown(before[n])}`);
  }
  const elsewhere = (world: Snapshot) => new Map([...world].filter(([place]) => isElsewhere(place, arranged.cases.of)));
  mustBeSameWorld(elsewhere(arranged.world), elsewhere(trial.world()), 'apply and rollback changed');
}

async function survivesDeath(lab: Lab, arranged: Arranged) {
  const whole = lab.begin(arranged);
  mustEndAsSaid(arranged, await whole.untilSettled());
  const after = await whole.state();
  const undo = undoIn(whole);
  const steps = whole.steps();
  // At the last one all was done, and only the answer is lost.
  for (let dieAt = 0; dieAt <= steps; dieAt++) {
    const trial = lab.begin(arranged);
    const where = `killed at step ${dieAt + 1} of ${steps}`;
    await trial.go('apply', { dieAt }).catch((error) => mustBePending(error, where));
    // Every other time the first execution was given up, and another one comes upon what it left.
    const execution = dieAt % 2 === steps % 2 ? 'arn:execution:1' : 'arn:execution:2';
    const outcome = await trial.untilSettled({ execution });
    const wasDone = trial.journal().some(({ status, execution: by }) => status === 'done' && by !== execution);
    if (!(wasDone && outcome?.kind === 'compliant')) mustEndAsSaid(arranged, outcome, where);
    mustEndIn(after, await trial.state(), where);
    must(same(undoIn(trial), undo), `${where}, the journal holds ${shown(undoIn(trial))}, not ${shown(undo)}`);
  }
}

/** All that rollback goes by, which the law of rollback proves to be enough. */
const undoIn = (trial: Trial) =>
  trial.journal().map(({ status, targets, before, after }) => ({ status, targets, before, after }));

/** So many reads after a write still show what was: more than one invocation looks. */
const STALE_READS = 4;

async function bearsStaleReads(lab: Lab, arranged: Arranged) {
  const { after } = await endOf(lab, arranged);
  const trial = lab.begin(arranged);
  let stale = 0;
  lab.sandbox.kernel.faults.push((call) => {
    if (!madeByRemediation(call)) return undefined;
    if (!isRead(call.operation)) stale = STALE_READS;
    else if (stale-- > 0) return { kind: 'stale' };
    return undefined;
  });
  const outcome = await trial.untilSettled();
  lab.sandbox.kernel.faults.length = 0;
  mustEndAsSaid(arranged, outcome, 'with stale reads');
  mustEndIn(after, await trial.state(), 'with stale reads');
}

async function bearsThrottling(lab: Lab, arranged: Arranged) {
  const { after } = await endOf(lab, arranged);
  await atEveryCall(lab, arranged, throttled, async (trial, where) => {
    const outcome = await trial.go('apply').catch((error) => {
      must(isThrottling(error), `${where()}, it fails with ${error}`);
    });
    lab.sandbox.kernel.faults.length = 0;
    mustEndAsSaid(arranged, outcome ?? (await trial.untilSettled()), where());
    mustEndIn(after, await trial.state(), where());
  });
}

async function admitsDenial(lab: Lab, arranged: Arranged) {
  const { after } = await endOf(lab, arranged);
  await atEveryCall(lab, arranged, denied, async (trial, where) => {
    const outcome = await trial.go('apply').catch(() => undefined);
    must(outcome === undefined, `${where()}, it claims ${shown(outcome)}`);
    lab.sandbox.kernel.faults.length = 0;
    mustEndAsSaid(arranged, await trial.untilSettled(), `${where()} and then allowed`);
    mustEndIn(after, await trial.state(), where());
  });
}

async function readsAllPages(lab: Lab, arranged: Arranged) {
  const { after } = await endOf(lab, arranged);
  const trial = lab.begin(arranged);
  mustEndAsSaid(arranged, await trial.untilSettled({ pages: 'small' }), 'with small pages');
  mustEndIn(after, await trial.state(), 'with small pages');
}

/** What is wrong with a remediation's declared permissions, in words; `used` are the actions that IAM allowed it over all cases. */
export async function wrongPermissions(of: Remediation, used: ReadonlySet<string>): Promise<string[]> {
  const wrong: string[] = [];
  for (const [needs, mode] of [
    [of.reads, 'reads'],
    [of.writes, 'writes'],
  ] as const)
    for (const { actions, resources, because } of needs) {
      if (because.trim() === '') wrong.push(`${mode} of ${actions} give no because`);
      for (const action of actions) {
        const { accessLevel, wildcardOnly } = await actionDetails(action);
        if (!used.has(action.toLowerCase()))
          wrong.push(`${action} is declared, but no case uses it: drop it, or add the case`);
        if (mode === 'reads' && !['Read', 'List'].includes(accessLevel))
          wrong.push(`${action} is declared among the reads, but IAM's data says ${accessLevel}: move it to writes`);
        if (resources.includes('*') && !wildcardOnly)
          wrong.push(`${action} is declared on *, but IAM's data gives it a resource type: name the resource`);
      }
    }
  return wrong;
}

/** Actions that IAM allowed the remediation, in lower case. */
export const usedActions = (lab: Lab): Set<string> =>
  new Set(
    lab.sandbox.kernel.decisions
      .filter(({ role, decision }) => decision === 'Allow' && role?.endsWith('/suture-member'))
      .map(({ action }) => action.toLowerCase()),
  );

type End = { readonly after: unknown; readonly calls: number };
const ends = new WeakMap<Arranged, Promise<End>>();

/** How an undisturbed run ends, and how many calls it makes in the member account; found out once a case. */
function endOf(lab: Lab, arranged: Arranged): Promise<End> {
  const known = ends.get(arranged) ?? undisturbed(lab, arranged);
  ends.set(arranged, known);
  return known;
}

async function undisturbed(lab: Lab, arranged: Arranged): Promise<End> {
  const trial = lab.begin(arranged);
  let calls = 0;
  lab.sandbox.kernel.faults.push((call) => {
    if (madeByRemediation(call)) calls++;
    return undefined;
  });
  mustEndAsSaid(arranged, await trial.untilSettled());
  lab.sandbox.kernel.faults.length = 0;
  return { after: await trial.state(), calls };
}

async function atEveryCall(
  lab: Lab,
  arranged: Arranged,
  fault: (service: string) => Fault,
  prove: (trial: Trial, where: () => string) => Promise<void>,
) {
  const { calls } = await endOf(lab, arranged);
  for (let nth = 0; nth < calls; nth++) {
    const trial = lab.begin(arranged);
    let made = 0;
    let met = '';
    lab.sandbox.kernel.faults.push((call) => {
      if (!madeByRemediation(call) || made++ !== nth) return undefined;
      met = call.operation;
      return fault(call.service);
    });
    const where = () => `refused at call ${nth + 1} of ${calls} (${met})`;
    await prove(trial, where);
  }
}

/** How each service says that it is asked too often. */
const THROTTLES: Readonly<Record<string, Fault>> = {
  ec2: { kind: 'error', code: 'RequestLimitExceeded', status: 503 },
  s3: { kind: 'error', code: 'SlowDown', status: 503 },
  s3control: { kind: 'error', code: 'SlowDown', status: 503 },
  iam: { kind: 'error', code: 'Throttling', status: 400 },
};
const throttled = (service: string): Fault =>
  THROTTLES[service] ?? { kind: 'error', code: 'ThrottlingException', status: 400 };
const denied = (service: string): Fault =>
  service === 'ec2'
    ? { kind: 'error', code: 'UnauthorizedOperation', status: 403 }
    : { kind: 'error', code: 'AccessDenied', status: 403 };

const isRead = (operation: string) => /^(Get|List|Describe|Head|Generate)/.test(operation);

/** Services' states are named `<service> <partition> <account> <Region>`, as far as they are kept apart. */
function isElsewhere(state: string, of: Remediation): boolean {
  const [, , account, region] = state.split(' ');
  if (account === undefined || account === '') return false;
  return account !== HERE.account || (region !== undefined && region !== HERE.region && !of.global);
}

function mustEndAsSaid({ case: { expected } }: Arranged, outcome: EngineResult | undefined, where = 'apply') {
  const kind = { FIXED: 'fixed', COMPLIANT: 'compliant', REFUSED: 'refused' }[expected];
  must(outcome?.kind === kind, `${where}: answers ${shown(outcome)}, the scenario says ${kind}`);
}

const mustEndIn = (expected: unknown, met: unknown, where: string) =>
  must(same(met, expected), `${where}: the resource is ${shown(met)}, not ${shown(expected)}`);

const mustBePending = (error: Error, where: string) =>
  must(error.name === 'ChangePending', `${where}, it fails with ${error}`);

/** Credentials come and go with every session; all else must be the same. */
function mustBeSameWorld(before: Snapshot, now: Snapshot, what: string) {
  for (const [place, state] of now)
    if (!place.startsWith('sts ') && before.has(place))
      must(isDeepStrictEqual(state, before.get(place)), `${what} ${place}`);
}

function must(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

const shown = (value: unknown) => JSON.stringify(value);
