/** The effects on findings when one policy replaces another. Pure. */

import { isEqual } from '../../functions/contract/is-equal.ts';
import type { Remediation, Risk } from '../../functions/contract/remediation.ts';
import {
  decisionOn,
  type Exception,
  type Mode,
  type SuturePolicy,
  type Window,
} from '../../functions/domain/policy.ts';

export type PolicyChange = {
  /** `EC2.13: observe → auto in /Workloads` */
  readonly text: string;
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** Suture may write by itself afterwards, and might not before. */
  readonly becomesAuto: boolean;
};

/**
 * Returns changes of modes by control (everywhere, then by unit, account and tag), then those of exceptions, windows,
 * excluded accounts and figures.
 */
export function policyChanges(
  before: SuturePolicy,
  after: SuturePolicy,
  remediations: readonly Remediation[],
): PolicyChange[] {
  const riskOf = (control: string) =>
    remediations.find(({ handles }) => handles.controls.includes(control))?.risk ?? 'disruptive';
  return [
    ...keysOfBoth(before.controls, after.controls)
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .flatMap((control) => controlChanges(control, riskOf(control), before, after)),
    ...exceptionChanges('suppressions', before, after),
    ...exceptionChanges('exemptions', before, after),
    ...windowChanges(before.windows, after.windows),
    ...exclusionChanges(before, after),
    ...(['approvals', 'caps', 'breaker'] as const).flatMap((part) => figureChanges(part, before[part], after[part])),
  ];
}

function controlChanges(control: string, risk: Risk, before: SuturePolicy, after: SuturePolicy): PolicyChange[] {
  const [from, to] = [before, after].map((policy) => rulesOf(policy, control).params);
  return [
    ...modeChanges(control, risk, [before, after]),
    ...(isEqual(from, to)
      ? []
      : [
          changeOf(
            `${control}: parameters ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
            `controls.${control}.params`,
            from,
            to,
          ),
        ]),
  ];
}

/** For an account without its own rule, if units have rules: its unit is unknown here. */
const AS_ITS_UNIT = 'as its unit';
const AS_UNTAGGED = 'as untagged';

type ScopeModes = { readonly where: string; readonly path: string; readonly modes: readonly string[] };

function modeChanges(control: string, risk: Risk, policies: readonly SuturePolicy[]): PolicyChange[] {
  const everywhere = { where: '', path: '', modes: modesIn(control, risk, policies) };
  const units = unitModes(control, risk, policies);
  const mayBeAuto = [everywhere, ...units].some(({ modes }) => modes.includes('auto'));
  return [everywhere, ...units, ...accountModes(control, everywhere.modes, policies), ...tagModes(control, policies)]
    .filter(({ modes: [from, to] }) => from !== to)
    .map(({ where, path, modes: [from, to] }) => ({
      text: `${control}: ${from} → ${to}${where}`,
      path: `controls.${control}${path}`,
      ...{ from, to },
      becomesAuto: from !== 'auto' && (to === 'auto' || ((to === AS_ITS_UNIT || to === AS_UNTAGGED) && mayBeAuto)),
    }));
}

const modesIn = (control: string, risk: Risk, policies: readonly SuturePolicy[], ouPath?: string): string[] =>
  policies.map((policy) => decisionOn(policy, control, risk, { account: '', ouPath }).mode);

const unitModes = (control: string, risk: Risk, policies: readonly SuturePolicy[]): ScopeModes[] =>
  keysOfBoth(...rulesBy('ous', control, policies)).map((unit) => ({
    where: ` in ${unit}`,
    path: `.ous.${unit}`,
    modes: modesIn(control, risk, policies, unit),
  }));

function accountModes(control: string, everywhere: readonly string[], policies: readonly SuturePolicy[]): ScopeModes[] {
  const rules = policies.map((policy) => rulesOf(policy, control));
  return keysOfBoth(...rulesBy('accounts', control, policies)).map((account) => ({
    where: ` in account ${account}`,
    path: `.accounts.${account}`,
    modes: rules.map(
      ({ accounts, ous }, n) => accounts[account] ?? (Object.keys(ous).length > 0 ? AS_ITS_UNIT : everywhere[n]!),
    ),
  }));
}

const tagModes = (control: string, policies: readonly SuturePolicy[]): ScopeModes[] =>
  keysOfBoth(...rulesBy('tags', control, policies)).map((tag) => ({
    where: ` where tagged ${tag}`,
    path: `.tags.${tag}`,
    modes: policies.map((policy) => rulesOf(policy, control).tags[tag] ?? AS_UNTAGGED),
  }));

type Scope = 'ous' | 'accounts' | 'tags';
type ControlRules = Readonly<Record<Scope, Readonly<Record<string, Mode>>>> & { readonly params: unknown };

function rulesOf({ controls }: SuturePolicy, control: string): ControlRules {
  const rule = controls[control];
  const { ous = {}, accounts = {}, tags = {}, params = {} } = typeof rule === 'object' && rule !== null ? rule : {};
  return { ous, accounts, tags, params };
}

const rulesBy = (scope: Scope, control: string, policies: readonly SuturePolicy[]) =>
  policies.map((policy) => rulesOf(policy, control)[scope]) as [Record<string, Mode>, Record<string, Mode>];

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
    // Findings that the exception covered are remediated again.
    becomesAuto: from !== undefined && !isEqual(from.criteria, to?.criteria) && isAutoAnywhere(after),
  }));
}

const windowChanges = (before: readonly Window[], after: readonly Window[]): PolicyChange[] =>
  pairsById(before, after).map(({ id, from, to }) =>
    changeOf(
      `window ${id}: ${from && to ? differences(from, to) : `${to ? 'new' : 'gone'}, ${shortText(to ?? from!)}`}`,
      `windows.${id}`,
      from,
      to,
    ),
  );

function exclusionChanges(before: SuturePolicy, after: SuturePolicy): PolicyChange[] {
  const path = 'excludedAccounts';
  const removed = before.excludedAccounts.filter((account) => !after.excludedAccounts.includes(account));
  const added = after.excludedAccounts.filter((account) => !before.excludedAccounts.includes(account));
  return [
    ...added.map((account) => changeOf(`account ${account}: excluded`, path, undefined, account)),
    ...removed.map((account) => ({
      ...changeOf(`account ${account}: no longer excluded`, path, account, undefined),
      becomesAuto: isAutoAnywhere(after),
    })),
  ];
}

const figureChanges = <T extends Readonly<Record<string, number>>>(part: string, before: T, after: T): PolicyChange[] =>
  Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) =>
      changeOf(`${part}.${name}: ${before[name]} → ${after[name]}`, `${part}.${name}`, before[name], after[name]),
    );

/** A control without a mode counts, because its remediation may be safe. */
function isAutoAnywhere({ controls }: SuturePolicy): boolean {
  return Object.values(controls).some((rule) => {
    if (rule === null || rule === 'auto') return true;
    if (typeof rule !== 'object') return false;
    const scoped = [rule.ous, rule.accounts, rule.tags].flatMap((rules) => Object.values(rules ?? {}));
    return rule.mode === undefined || [rule.mode, ...scoped].includes('auto');
  });
}

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
  becomesAuto: false,
});

const shortText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');

const keysOfBoth = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] => [
  ...new Set([...Object.keys(a), ...Object.keys(b)]),
];
