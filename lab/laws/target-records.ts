/** The records that a fix may change: those of the finding's resource. */
import type { FindingResource, Place, Remediation, TargetFields } from '../../functions/contract/remediation.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { IamDecision } from '../../sandbox/kernel/call-log.ts';
import type { RecordPath } from '../../sandbox/kernel/comparison.ts';
import type { Service } from '../../sandbox/kernel/kernel.ts';
import { stateName } from '../../sandbox/kernel/state-key.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { LawBroken } from './law.ts';

/** A record in the state of a service; `state` is the state's name in a snapshot. */
export type LocatedRecord = { readonly state: string; readonly path: RecordPath };

/** The resource of a finding at `place`, in the world before its fix. */
export type FixTarget = {
  readonly remediation: Pick<Remediation, 'writes'>;
  readonly resource: FindingResource;
  readonly place: Place;
  readonly world: Snapshot;
};

export const fixTargetOf = ({ scenarios, resource, place, world }: ArrangedScenario): FixTarget => ({
  remediation: scenarios.remediation,
  resource,
  place,
  world,
});

/**
 * Returns the records of the finding's resource, which are located by the services, never by the remediation. If the
 * finding is about the account, they are the settings of the services that the remediation writes to, the resources that
 * it named in the journal before it wrote, and those that its permissions name whole.
 * @throws LawBroken if no service has records of the resource
 */
export function targetRecords(
  sandbox: Sandbox,
  target: FixTarget,
  named: readonly TargetFields[],
): readonly LocatedRecord[] {
  if (isAccount(target)) return accountRecords(sandbox, target, named);
  const records = locateResource(sandbox, target, target.resource.Id);
  if (records.length > 0) return records;
  throw new LawBroken(
    `No service of the sandbox locates the records of ${target.resource.Id}: add its type to "locate" of the service`,
  );
}

/**
 * Returns whether all records of a resource, as IAM names it, are the target's. A setting of the account has no ARN.
 */
export function isWithinTarget(
  sandbox: Sandbox,
  target: FixTarget,
  records: readonly LocatedRecord[],
  resource: string,
): boolean {
  if (resource === '*') return isAccount(target);
  const located = locateResource(sandbox, target, resource);
  return located.length > 0 && located.every((record) => recordOf(records, record) !== undefined);
}

/** Returns whether a write is declared on exactly this wildcard, with a reason, such as that AWS chooses the id. */
export const isDeclaredWildcard = (
  { remediation: { writes }, place }: Pick<FixTarget, 'remediation' | 'place'>,
  { action, resource }: Pick<IamDecision, 'action' | 'resource'>,
): boolean =>
  writes.some(
    ({ actions, resources, wildcardBecause }) =>
      wildcardBecause !== undefined &&
      actions.some((each) => each === action) &&
      resources.some((shape) => arnOf(shape, place, {}) === resource),
  );

/** Returns whether a call passes a role that policy's parameters name. To pass a role does not change it. */
export const passesNamedRole = (
  { partition, account }: Place,
  params: Readonly<Record<string, unknown>>,
  { action, resource }: Pick<IamDecision, 'action' | 'resource'>,
): boolean =>
  action === 'iam:PassRole' &&
  Object.values(params).some((name) => resource === `arn:${partition}:iam::${account}:role/${name}`);

const isAccount = ({ resource }: FixTarget): boolean => resource.Type === 'AwsAccount';

function accountRecords(sandbox: Sandbox, target: FixTarget, named: readonly TargetFields[]): readonly LocatedRecord[] {
  const shapes = target.remediation.writes.flatMap(({ actions, resources }) =>
    resources.map((shape) => ({ shape, prefixes: actions.map((action) => action.split(':')[0]!) })),
  );
  return shapes.flatMap(({ shape, prefixes }) =>
    shape === '*'
      ? servicesOf(sandbox, prefixes).flatMap((service) => recordsIn(service, target, shape, target.place))
      : fieldsFor(shape, named).flatMap((fields) =>
          locateResource(sandbox, target, arnOf(shape, target.place, fields)),
        ),
  );
}

/**
 * Returns the sets of fields that fill a shape's placeholders: an empty one if the shape has only the place's
 * placeholders and no wildcard.
 */
function fieldsFor(shape: string, named: readonly TargetFields[]): readonly TargetFields[] {
  const names = [...shape.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => !PLACE_FIELDS.has(name));
  if (names.length === 0) return shape.includes('*') ? [] : [{}];
  return named.filter((fields) => Object.keys(fields).some((name) => names.includes(name)));
}

const PLACE_FIELDS: ReadonlySet<string> = new Set(['partition', 'account', 'region'] satisfies (keyof Place)[]);

const arnOf = (shape: string, place: Place, fields: TargetFields): string =>
  shape.replace(/\{(\w+)\}/g, (_, name: string) => place[name as keyof Place] ?? fields[name] ?? '');

/** Returns the records of a resource by its ARN, and those that AWS changes together with them. */
function locateResource(sandbox: Sandbox, target: FixTarget, arn: string): readonly LocatedRecord[] {
  const [, partition = '', prefix = '', region, account] = arn.split(':');
  const place = { partition, account: account || target.place.account, region: region || target.place.region };
  return servicesOf(sandbox, [prefix]).flatMap((service) => recordsIn(service, target, arn, place));
}

const servicesOf = ({ kernel }: Sandbox, prefixes: readonly string[]): readonly Service[] =>
  kernel.services!.filter(({ prefix }) => prefixes.includes(prefix));

function recordsIn(service: Service, { world }: FixTarget, resource: string, place: Place): readonly LocatedRecord[] {
  const state = stateName(service, place);
  const stored = world.get(state) ?? service.state(place);
  const own = (service.locate?.(resource, stored, place) ?? []).map((path) => ({ state, path }));
  const consequences = service.consequences?.(resource, stored, place) ?? [];
  return [...own, ...consequences.map(({ state, place, path }) => ({ state: stateName(state, place), path }))];
}

/** Returns the record that a path lies in, or undefined. */
export const recordOf = (
  records: readonly LocatedRecord[],
  { state, path }: LocatedRecord,
): LocatedRecord | undefined =>
  records.find((record) => record.state === state && record.path.every((name, n) => path[n] === name));
