/** The effects on findings when one policy replaces another. Pure. */
import { isEqual } from '../contract/is-equal.ts';
import type { RemediationDeclaration } from './declaration.ts';
import type { Exception, Mode, PolicyInForce, SuturePolicy } from './policy.ts';
import { graceChanges } from './policy-grace-changes.ts';
import { managedChanges, managedTagChanges } from './policy-managed-changes.ts';
import {
  type ControlRisk,
  controlModes,
  keysOfBoth,
  mayWrite,
  modeChanges,
  type PolicyChange,
  policyRulesOf,
} from './policy-mode-changes.ts';
import { ownerChanges, ownerTagChanges } from './policy-owner-changes.ts';
import type { UnitIds } from './policy-units.ts';

/**
 * Returns changes of modes by control (everywhere, then by unit, account and tag), then those of resources that code
 * manages, owners, exceptions, windows, excluded accounts and figures.
 */
export function policyChanges(
  live: PolicyInForce,
  proposed: PolicyInForce,
  remediations: readonly RemediationDeclaration[],
): PolicyChange[] {
  // Units are compared by path. Where a path stands for another unit now, the first change says so.
  const [before, after] = [live, proposed].map((policy) => ({ ...policy, units: undefined })) as [
    PolicyInForce,
    PolicyInForce,
  ];
  const riskOf = (control: string): ControlRisk => {
    const handler = remediations.find(({ handles }) => handles.controls.includes(control)) ?? UNHANDLED;
    return { risk: handler.risk, varies: handler.riskOf !== undefined };
  };
  return [
    ...unitChanges(live.units ?? {}, proposed.units ?? {}),
    ...keysOfBoth(before.controls, after.controls)
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .flatMap((control) => controlChanges(control, riskOf(control), before, after)),
    ...managedChanges(undefined, [before, after]),
    ...managedTagChanges(before.managedTags, after.managedTags),
    ...graceChanges(undefined, [before, after]),
    ...ownerChanges(before.owners, after.owners),
    ...ownerTagChanges(before.ownerTags, after.ownerTags),
    ...exceptionChanges('suppressions', before, after),
    ...exceptionChanges('exemptions', before, after),
    ...windowChanges(before, after),
    ...exclusionChanges(before, after),
    ...(['approvals', 'caps', 'breaker'] as const).flatMap((part) => figureChanges(part, before[part], after[part])),
  ];
}

const unitChanges = (before: UnitIds, after: UnitIds): PolicyChange[] =>
  Object.keys(after)
    .filter((unit) => before[unit] !== undefined && before[unit] !== after[unit])
    .map((unit) => ({
      ...changeOf(`unit ${unit}: ${before[unit]} → ${after[unit]}`, `units.${unit}`, before[unit], after[unit]),
      widens: true,
    }));

const UNHANDLED: Pick<RemediationDeclaration, 'risk' | 'riskOf'> = { risk: 'disruptive' };

function controlChanges(control: string, risk: ControlRisk, before: SuturePolicy, after: SuturePolicy): PolicyChange[] {
  const [from, to] = [before, after].map((policy) => policyRulesOf(policy, control).params);
  const params = {
    ...changeOf(
      `${control}: parameters ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
      `controls.${control}.params`,
      from,
      to,
    ),
    widens: controlModes(after, control, risk).some(mayWrite),
  };
  const modes = modeChanges(control, risk, [before, after]);
  const managed = [...managedChanges(control, [before, after]), ...graceChanges(control, [before, after])];
  if (!isEqual(from, to)) return [...modes, params, ...managed];
  // They take effect with a mode that writes, also if somebody deployed them before.
  const given = isEqual(to, {}) ? '' : `, with parameters ${JSON.stringify(to)}`;
  return [
    ...modes.map((change) => (change.widens ? { ...change, text: `${change.text}${given}` } : change)),
    ...managed,
  ];
}

function exceptionChanges(
  part: 'suppressions' | 'exemptions',
  before: SuturePolicy,
  after: SuturePolicy,
): PolicyChange[] {
  const name = part === 'suppressions' ? 'suppression' : 'exemption';
  const does = part === 'suppressions' ? 'archives' : 'leaves alone';
  const effect = ({ criteria, expires }: Exception) => `${does} ${shortText(criteria)} until ${expires}`;
  return pairsById(before[part], after[part]).map(({ id, from, to }) => ({
    ...changeOf(
      `${name} ${id}: ${from && to ? differences(from, to) : to ? `new, ${effect(to)}` : `gone, ${effect(from!)}`}`,
      `${part}.${id}`,
      from,
      to,
    ),
    // The end of an exception lets Suture remediate again. A suppression archives what it covers, which is a write.
    widens: (coversLess(from, to) && mayWriteAnywhere(after)) || (part === 'suppressions' && coversLess(to, from)),
  }));
}

const coversLess = (from: Exception | undefined, to: Exception | undefined): boolean =>
  from !== undefined && (!isEqual(from.criteria, to?.criteria) || to!.expires < from.expires);

/**
 * The first windows close times that were open, but an approved change may then wait longer. Any other change may open
 * a time.
 */
function windowChanges(before: SuturePolicy, after: SuturePolicy): PolicyChange[] {
  const widens = before.windows.length > 0 || modesAnywhere(after).includes('approve');
  return pairsById(before.windows, after.windows).map(({ id, from, to }) => ({
    ...changeOf(
      `window ${id}: ${from && to ? differences(from, to) : `${to ? 'new' : 'gone'}, ${shortText(to ?? from!)}`}`,
      `windows.${id}`,
      from,
      to,
    ),
    widens,
  }));
}

function exclusionChanges(before: SuturePolicy, after: SuturePolicy): PolicyChange[] {
  const path = 'excludedAccounts';
  const removed = before.excludedAccounts.filter((account) => !after.excludedAccounts.includes(account));
  const added = after.excludedAccounts.filter((account) => !before.excludedAccounts.includes(account));
  return [
    ...added.map((account) => changeOf(`account ${account}: excluded`, path, undefined, account)),
    ...removed.map((account) => ({
      ...changeOf(`account ${account}: no longer excluded`, path, account, undefined),
      widens: mayWriteAnywhere(after),
    })),
  ];
}

/** Figures that permit more when they are lower. All others permit more when they are higher. */
const TIGHTER_IF_MORE: ReadonlySet<string> = new Set(['minutes']);

const figureChanges = <T extends Readonly<Record<string, number>>>(part: string, before: T, after: T): PolicyChange[] =>
  Object.keys(after)
    .map((name) => ({ name, from: before[name]!, to: after[name]! }))
    .filter(({ from, to }) => from !== to)
    .map(({ name, from, to }) => ({
      ...changeOf(`${part}.${name}: ${from} → ${to}`, `${part}.${name}`, from, to),
      widens: TIGHTER_IF_MORE.has(name) ? to < from : to > from,
    }));

/** For a control without a mode, the risk of its remediation does not matter: it may write in any case. */
const modesAnywhere = (policy: SuturePolicy): Mode[] =>
  Object.keys(policy.controls).flatMap((control) =>
    controlModes(policy, control, { risk: 'disruptive', varies: true }),
  );
const mayWriteAnywhere = (policy: SuturePolicy): boolean => modesAnywhere(policy).some(mayWrite);

function pairsById<T extends { readonly id: string }>(before: readonly T[], after: readonly T[]) {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  return ids
    .map((id) => ({ id, from: before.find((each) => each.id === id), to: after.find((each) => each.id === id) }))
    .filter(({ from, to }) => !isEqual(from, to));
}

const differences = (from: object, to: object): string =>
  keysOfBoth(from as Record<string, unknown>, to as Record<string, unknown>)
    .filter((key) => !isEqual(from[key as never], to[key as never]))
    .map((key) => `${key} ${shortText(from[key as never])} → ${shortText(to[key as never])}`)
    .join(', ');

const changeOf = (text: string, path: string, from: unknown, to: unknown): PolicyChange => ({
  ...{ text, path, from: from ?? null, to: to ?? null },
  widens: false,
});

const shortText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
