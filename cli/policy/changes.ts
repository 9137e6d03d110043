/** What changes for findings when one policy takes another's place, in words. Pure. */

import type { Remediation, Risk } from '../../functions/contract/remediation.ts';
import {
  decisionOn,
  type Exception,
  type Mode,
  type SuturePolicy,
  type Window,
} from '../../functions/domain/policy.ts';
import { same } from '../../functions/domain/same.ts';

export type Change = {
  /** `EC2.13: observe → auto in /Workloads` */
  readonly words: string;
  /** `controls.EC2.13.ous./Workloads` */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** Suture may write by itself afterwards where it did not before. */
  readonly becomesAuto: boolean;
};

/** Modes first, by control and then everywhere, by unit, account and tag; then exceptions, windows and figures. */
export function changesBetween(
  before: SuturePolicy,
  after: SuturePolicy,
  remediations: readonly Remediation[],
): Change[] {
  const riskOf = (control: string) =>
    remediations.find(({ handles }) => handles.controls.includes(control))?.risk ?? 'disruptive';
  return [
    ...unionOf(before.controls, after.controls)
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .flatMap((control) => controlChanges(control, riskOf(control), before, after)),
    ...exceptionChanges('suppressions', before, after),
    ...exceptionChanges('exemptions', before, after),
    ...windowChanges(before.windows, after.windows),
    ...exclusionChanges(before, after),
    ...(['approvals', 'caps', 'breaker'] as const).flatMap((part) => figureChanges(part, before[part], after[part])),
  ];
}

function controlChanges(control: string, risk: Risk, before: SuturePolicy, after: SuturePolicy): Change[] {
  const rules = [before, after].map((policy) => scopesOf(policy, control)) as [Scopes, Scopes];
  const modes = (ouPath?: string) =>
    [before, after].map((policy) => decisionOn(policy, control, risk, { account: '', ouPath }).mode) as [Mode, Mode];
  const inUnits = unionOf(rules[0].ous, rules[1].ous).map((unit) => ({
    ...{ where: ` in ${unit}`, path: `.ous.${unit}`, modes: modes(unit) },
  }));
  const inAccounts = unionOf(rules[0].accounts, rules[1].accounts).map((account) => ({
    where: ` in account ${account}`,
    path: `.accounts.${account}`,
    modes: rules.map(
      ({ accounts, ous }, n) => accounts[account] ?? (Object.keys(ous).length > 0 ? BY_UNIT : modes()[n]!),
    ),
  }));
  const whereTagged = unionOf(rules[0].tags, rules[1].tags).map((tag) => ({
    where: ` where tagged ${tag}`,
    path: `.tags.${tag}`,
    modes: rules.map(({ tags }) => tags[tag] ?? AS_UNTAGGED),
  }));
  const mayBeAuto = [...modes(), ...inUnits.flatMap((unit) => unit.modes)].includes('auto');
  const ofModes = [{ where: '', path: '', modes: modes() }, ...inUnits, ...inAccounts, ...whereTagged]
    .filter(({ modes: [from, to] }) => from !== to)
    .map(({ where, path, modes: [from, to] }) => ({
      words: `${control}: ${from} → ${to}${where}`,
      path: `controls.${control}${path}`,
      ...{ from, to },
      becomesAuto: from !== 'auto' && (to === 'auto' || ((to === BY_UNIT || to === AS_UNTAGGED) && mayBeAuto)),
    }));
  const [from, to] = rules.map(({ params }) => params);
  const ofParams = same(from, to)
    ? []
    : [
        changed(
          `${control}: parameters ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
          `controls.${control}.params`,
          from,
          to,
        ),
      ];
  return [...ofModes, ...ofParams];
}

/** What an account gets without a rule of its own, where units have rules: its unit is not known here. */
const BY_UNIT = 'as its unit';
const AS_UNTAGGED = 'as untagged';

type Scopes = Readonly<Record<'ous' | 'accounts' | 'tags', Readonly<Record<string, Mode>>>> & {
  readonly params: unknown;
};

function scopesOf({ controls }: SuturePolicy, control: string): Scopes {
  const rule = controls[control];
  const { ous = {}, accounts = {}, tags = {}, params = {} } = typeof rule === 'object' && rule !== null ? rule : {};
  return { ous, accounts, tags, params };
}

function exceptionChanges(part: 'suppressions' | 'exemptions', before: SuturePolicy, after: SuturePolicy): Change[] {
  const name = part === 'suppressions' ? 'suppression' : 'exemption';
  const does = part === 'suppressions' ? 'archives' : 'leaves alone';
  const covers = ({ criteria, expires }: Exception) => `${does} ${inShort(criteria)} until ${expires}`;
  return byId(before[part], after[part]).map(({ id, from, to }) => ({
    ...changed(
      `${name} ${id}: ${from && to ? differences(from, to) : to ? `new, ${covers(to)}` : `gone, ${covers(from!)}`}`,
      `${part}.${id}`,
      from,
      to,
    ),
    // What it covered is remediated again.
    becomesAuto: from !== undefined && !same(from.criteria, to?.criteria) && isAutoAnywhere(after),
  }));
}

const windowChanges = (before: readonly Window[], after: readonly Window[]): Change[] =>
  byId(before, after).map(({ id, from, to }) =>
    changed(
      `window ${id}: ${from && to ? differences(from, to) : `${to ? 'new' : 'gone'}, ${inShort(to ?? from!)}`}`,
      `windows.${id}`,
      from,
      to,
    ),
  );

function exclusionChanges(before: SuturePolicy, after: SuturePolicy): Change[] {
  const path = 'excludedAccounts';
  const gone = before.excludedAccounts.filter((account) => !after.excludedAccounts.includes(account));
  const added = after.excludedAccounts.filter((account) => !before.excludedAccounts.includes(account));
  return [
    ...added.map((account) => changed(`account ${account}: excluded`, path, undefined, account)),
    ...gone.map((account) => ({
      ...changed(`account ${account}: no longer excluded`, path, account, undefined),
      becomesAuto: isAutoAnywhere(after),
    })),
  ];
}

const figureChanges = <T extends Readonly<Record<string, number>>>(part: string, before: T, after: T): Change[] =>
  Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .map((name) =>
      changed(`${part}.${name}: ${before[name]} → ${after[name]}`, `${part}.${name}`, before[name], after[name]),
    );

function isAutoAnywhere({ controls }: SuturePolicy): boolean {
  return Object.values(controls).some(
    (rule) =>
      rule === null ||
      rule === 'auto' ||
      (typeof rule === 'object' &&
        (rule.mode === undefined ||
          [rule.mode, ...[rule.ous, rule.accounts, rule.tags].flatMap((of) => Object.values(of ?? {}))].includes(
            'auto',
          ))),
  );
}

function byId<T extends { readonly id: string }>(before: readonly T[], after: readonly T[]) {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  return ids
    .map((id) => ({ id, from: before.find((each) => each.id === id), to: after.find((each) => each.id === id) }))
    .filter(({ from, to }) => !same(from, to));
}

const differences = (from: object, to: object): string =>
  unionOf(from as Record<string, unknown>, to as Record<string, unknown>)
    .filter((key) => !same(from[key as never], to[key as never]))
    .map((key) => `${key} ${inShort(from[key as never])} → ${inShort(to[key as never])}`)
    .join(', ');

const changed = (words: string, path: string, from: unknown, to: unknown): Change => ({
  ...{ words, path, from: from ?? null, to: to ?? null },
  becomesAuto: false,
});

const inShort = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
const unionOf = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] => [
  ...new Set([...Object.keys(a), ...Object.keys(b)]),
];
