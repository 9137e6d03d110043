/** Makes each finding's resource faulty by its remediations' scenarios, under the id that the findings name. */

import { isEqual } from '../../functions/contract/is-equal.ts';
import type { ClientClasses } from '../../functions/contract/remediation.ts';
import type { ScenarioContext, Scenarios } from '../../functions/contract/scenario.ts';
import type { JobFinding, JobWork } from '../../functions/domain/job.ts';
import { scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { Principal } from '../../sandbox/kernel/principal.ts';
import { refillBuckets } from '../../sandbox/kernel/throttle.ts';
import { clientsOn } from '../organization/clients.ts';
import { locatedFields } from '../organization/own-target.ts';
import { scenarioContext } from '../organization/scenario-context.ts';
import { joinClaimedStack } from './claimed-stack.ts';

export type RemediableFinding = { readonly finding: JobFinding; readonly work: JobWork };

export type SimulatedFault = {
  /** Why the resource does not have the fault. */
  readonly problem?: string;
  /**
   * The place among the findings about one resource, which arrive one after another. The first to arrive is a fault
   * that was added last, so that each fix finds its own.
   */
  readonly turn: number;
};

/**
 * Several findings about one resource are one resource with several faults.
 * @returns the fault of each finding; undefined for a finding that triage does not let through
 */
export async function makeFaulty(
  sandbox: Sandbox,
  findings: readonly (RemediableFinding | undefined)[],
): Promise<(SimulatedFault | undefined)[]> {
  const faults = new Map<RemediableFinding, SimulatedFault>();
  const resources = Map.groupBy(findings.filter(isPresent), resourceOf);
  for (const [n, ofResource] of [...resources.values()].entries())
    for (const [finding, fault] of await makeResource(sandbox, ofResource, `simulated-${n}`))
      faults.set(finding, fault);
  return findings.map((each) => each && faults.get(each));
}

/**
 * Returns what findings about one resource share: the lease, or the account if the finding is account-wide, because its
 * fix may need something of another Region, such as a trail.
 */
const resourceOf = (each: RemediableFinding): string => (isAccountWide(each) ? each.finding.account! : each.work.lease);
const isAccountWide = ({ work }: RemediableFinding): boolean => Object.keys(work.target).length === 0;

const isPresent = <T>(value: T | undefined): value is T => value !== undefined;

async function makeResource(
  sandbox: Sandbox,
  findings: readonly RemediableFinding[],
  name: string,
): Promise<[RemediableFinding, SimulatedFault][]> {
  const byControl = [...Map.groupBy(findings, ({ finding }) => finding.control!).values()];
  const [addable, created] = partition(byControl, ([first]) => canBeAdded(first!));
  const needs = (ofControl: readonly RemediableFinding[]) => needingCount(ofControl, addable);
  // A fault that only a new resource can have comes first. One that takes away what other fixes need is added last, and
  // its finding arrives first.
  const inOrderOfFaults = [...created, ...addable.toSorted((a, b) => needs(a) - needs(b))];
  const inOrderOfArrival = [...addable.toSorted((a, b) => needs(b) - needs(a)), ...created];
  const problems: (string | undefined)[] = [];
  for (const [n, [first]] of inOrderOfFaults.entries())
    problems.push(problems[0] ?? (await makeFault(sandbox, first!, n > 0 ? `${name}-${n}` : name, n > 0)));
  const untagged = problems[0] ?? (await whyNot('give the resource its tags', () => addTags(sandbox, findings, name)));
  const turns = turnsOf(inOrderOfArrival);
  return inOrderOfFaults.flatMap((ofControl, n) =>
    ofControl.map((each): [RemediableFinding, SimulatedFault] => [
      each,
      { problem: problems[n] ?? untagged, turn: turns.get(each)! },
    ]),
  );
}

/** Returns the turn of each finding. Findings of one control share one if they have different leases. */
function turnsOf(inOrderOfArrival: readonly (readonly RemediableFinding[])[]): Map<RemediableFinding, number> {
  const turns = new Map<RemediableFinding, number>();
  let next = 0;
  for (const ofControl of inOrderOfArrival) {
    const byLease = [...Map.groupBy(ofControl, ({ work }) => work.lease).values()];
    for (const ofLease of byLease) for (const [n, each] of ofLease.entries()) turns.set(each, next + n);
    next += Math.max(...byLease.map(({ length }) => length));
  }
  return turns;
}

/** Returns how many of the faults need, for their fix, what this one takes away. */
function needingCount([first]: readonly RemediableFinding[], faults: readonly (readonly RemediableFinding[])[]) {
  const before = scenariosOf(first!.finding.control!).fixedBefore ?? [];
  return faults.filter(([other]) => before.includes(other!.finding.control!)).length;
}

function partition<T>(values: readonly T[], test: (value: T) => boolean): [T[], T[]] {
  return [values.filter(test), values.filter((value) => !test(value))];
}

async function makeFault(
  sandbox: Sandbox,
  each: RemediableFinding,
  name: string,
  exists: boolean,
): Promise<string | undefined> {
  const { kernel } = sandbox;
  if (exists && !canBeAdded(each))
    return `the sandbox could not make the resource faulty: another finding's fault needs another kind of resource`;
  for (const [prefix, id] of idsToPin(each.work.target)) kernel.pinId(prefix, id);
  // The resource has been faulty for long, so making it must not use up quotas or be throttled.
  refillBuckets(kernel);
  const problem = await whyNot('make the resource faulty', () =>
    (exists ? addFault : createFaulty)(sandbox, each, name),
  );
  kernel.unpinIds?.();
  return problem;
}

async function whyNot(what: string, work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    return `the sandbox could not ${what}: ${error instanceof Error ? error.message : error}`;
  }
}

async function createFaulty(sandbox: Sandbox, each: RemediableFinding, name: string): Promise<string | undefined> {
  const { scenarios, clients, context } = await arrangement(sandbox, each, name);
  const resource = await scenarios.faulty(clients, context);
  const target = scenarios.remediation.target.safeParse(resource);
  // An alias has its target only now that the resource exists.
  const { context: afterwards } = await arrangement(sandbox, each, name);
  if (target.success && isEqual(target.data, afterwards.target)) return undefined;
  return `the sandbox made ${resource.Id} faulty instead: it cannot make one under the finding's own id`;
}

async function addFault(sandbox: Sandbox, each: RemediableFinding, name: string): Promise<undefined> {
  const { scenarios, clients, context } = await arrangement(sandbox, each, name);
  await (scenarios.fault ?? scenarios.faulty)(clients, context);
}

/** Adds the tags of the findings as CloudFormation does, because people cannot set tags that begin with `aws:`. */
async function addTags(sandbox: Sandbox, findings: readonly RemediableFinding[], name: string): Promise<undefined> {
  const tags = Object.assign({}, ...findings.map(({ finding }) => finding.resource?.Tags));
  if (Object.keys(tags).length === 0) return;
  const { scenarios, context, classes } = await arrangement(sandbox, findings[0]!, name);
  const { account, region } = context;
  const administrator = { ...sandbox.kernel.administrator!(account), invokedBy: 'cloudformation.amazonaws.com' };
  const clients = clientsOn(sandbox.clientSettings(administrator as Principal, region), classes);
  await scenarios.tag?.(clients as never, context, tags);
  for (const each of findings) joinClaimedStack(sandbox, each);
}

/** Returns whether the fault can be added to an existing resource. An account always exists. */
const canBeAdded = (each: RemediableFinding): boolean =>
  scenariosOf(each.finding.control!).fault !== undefined || isAccountWide(each);

/** The scenarios of a finding, with clients and context. An alias has a target once its resource exists. */
type Arrangement = {
  readonly scenarios: Scenarios;
  readonly classes: ClientClasses;
  readonly clients: never;
  readonly context: ScenarioContext<any> & { readonly target: any };
};

async function arrangement(sandbox: Sandbox, { finding, work }: RemediableFinding, name: string): Promise<Arrangement> {
  const control = finding.control!;
  const scenarios = scenariosOf(control);
  const place = { partition: finding.partition!, account: finding.account!, region: finding.region! };
  const classes = scenarios.clients ?? scenarios.remediation.clients;
  const clients = clientsOn(sandbox.administrator(place.account, place.region), classes) as never;
  const context = scenarioContext(sandbox, place, nameFor(work.target) ?? name, control);
  const target = await locatedFields(
    scenarios.remediation,
    place,
    work.target,
    clientsOn(sandbox.administrator(place.account, place.region), scenarios.remediation.clients),
  );
  return { scenarios, classes, clients, context: { ...context, target } };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Ids that AWS generates, with the prefix that identifies them to `kernel.pinId`: `sg-0123…`, `AIDA…`, a key's id. The
 * next creation with this prefix gets the pinned id.
 */
const GENERATED_IDS: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^[a-z]+-[0-9a-z]{8,32}$/, (id) => id.slice(0, id.indexOf('-') + 1)],
  [/^A[A-Z]{3}[A-Z0-9]{12,}$/, (id) => id.slice(0, 4)],
  [UUID, () => 'key/'],
  [UUID, () => 'stack/'],
  [/^[0-9a-f]{16}$/, () => 'loadbalancer/'],
  [/^cluster-[A-Z0-9]+$/, () => 'cluster-'],
];

const idsToPin = (target: JobWork['target']): [prefix: string, id: string][] =>
  Object.values(target).flatMap((id) =>
    GENERATED_IDS.filter(([shape]) => shape.test(id)).map(([, prefix]) => [prefix(id), id] as [string, string]),
  );

/** Returns the name that the resource's creator chose, if the target has exactly one; the last part of a path. */
function nameFor(target: JobWork['target']): string | undefined {
  const chosen = Object.values(target).filter((value) => !GENERATED_IDS.some(([shape]) => shape.test(value)));
  return chosen.length === 1 ? chosen[0]!.slice(chosen[0]!.lastIndexOf('/') + 1) : undefined;
}
