/** How modes of one control differ between two policies: everywhere, by unit, account and tag. Pure. */
import type { Risk } from '../contract/remediation.ts';
import { decisionOn, Mode, type SuturePolicy } from './policy.ts';

export type PolicyChange = {
  /** `EC2.13: observe → auto in /Workloads` */
  readonly text: string;
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** Suture may write afterwards what it might not before, by itself or after an approval. True in case of doubt. */
  readonly widens: boolean;
};

/** For an account without its own rule, if units have rules: its unit is unknown here. */
const AS_ITS_UNIT = 'as its unit';
const AS_UNTAGGED = 'as untagged';

/** `varies`: the risk depends on the change, and with it the mode of a control that policy names without one. */
export type ControlRisk = { readonly risk: Risk; readonly varies: boolean };
const BY_RISK = 'by risk';

type Pair<T> = readonly [before: T, after: T];
type ScopeChange = {
  readonly where: string;
  readonly path: string;
  readonly texts: Pair<string>;
  /** Each mode that a resource of this scope may have. */
  readonly modes: Pair<readonly Mode[]>;
};

export function modeChanges(control: string, risk: ControlRisk, policies: Pair<SuturePolicy>): PolicyChange[] {
  const scopes = [
    { where: '', path: '', ...textsAndModes(both(policies, (policy) => sideIn(policy, control, risk))) },
    ...unitScopes(control, risk, policies),
    ...accountScopes(control, risk, policies),
    ...tagScopes(control, risk, policies),
  ];
  return scopes
    .filter(({ texts: [from, to] }) => from !== to)
    .map(({ where, path, texts: [from, to], modes }) => ({
      text: `${control}: ${from} → ${to}${where}`,
      path: `controls.${control}${path}`,
      from,
      to,
      widens: mayWiden(...modes),
    }));
}

/** `off` and `observe` permit the same writes: none. */
const rankOf = (mode: Mode): number => Math.max(Mode.options.indexOf('observe'), Mode.options.indexOf(mode));
export const mayWrite = (mode: Mode): boolean => rankOf(mode) > rankOf('observe');

const mayWiden = (before: readonly Mode[], after: readonly Mode[]): boolean =>
  Math.max(...after.map(rankOf)) > Math.min(...before.map(rankOf));

const both = <T>([before, after]: Pair<SuturePolicy>, of: (policy: SuturePolicy) => T): Pair<T> => [
  of(before),
  of(after),
];

type Side = { readonly text: string; readonly modes: readonly Mode[] };
const textsAndModes = ([before, after]: Pair<Side>) =>
  ({ texts: [before.text, after.text], modes: [before.modes, after.modes] }) as const;

function sideIn(policy: SuturePolicy, control: string, { risk, varies }: ControlRisk, ouPath?: string): Side {
  const { mode, byRisk } = decisionOn(policy, control, risk, { account: '', ouPath });
  return byRisk && varies ? { text: BY_RISK, modes: ['approve', 'auto'] } : { text: mode, modes: [mode] };
}

/** Returns the modes of untagged resources: everywhere, in units, and in accounts. */
function untaggedModes(policy: SuturePolicy, control: string, risk: ControlRisk): Mode[] {
  const { ous, accounts } = policyRulesOf(policy, control);
  return [...sideIn(policy, control, risk).modes, ...Object.values(ous), ...Object.values(accounts)];
}

export const controlModes = (policy: SuturePolicy, control: string, risk: ControlRisk): Mode[] => [
  ...untaggedModes(policy, control, risk),
  ...Object.values(policyRulesOf(policy, control).tags),
];

const unitScopes = (control: string, risk: ControlRisk, policies: Pair<SuturePolicy>): ScopeChange[] =>
  keysOfBoth(...both(policies, (policy) => policyRulesOf(policy, control).ous)).map((unit) => ({
    where: ` in ${unit}`,
    path: `.ous.${unit}`,
    ...textsAndModes(both(policies, (policy) => sideIn(policy, control, risk, unit))),
  }));

function accountScopes(control: string, risk: ControlRisk, policies: Pair<SuturePolicy>): ScopeChange[] {
  const accounts = keysOfBoth(...both(policies, (policy) => policyRulesOf(policy, control).accounts));
  return accounts.map((account) => {
    const sides = both(policies, (policy) => {
      const { accounts: own, ous } = policyRulesOf(policy, control);
      const everywhere = sideIn(policy, control, risk);
      if (own[account]) return { text: own[account], modes: [own[account]] };
      return {
        text: Object.keys(ous).length > 0 ? AS_ITS_UNIT : everywhere.text,
        modes: [...everywhere.modes, ...Object.values(ous)],
      };
    });
    return { where: ` in account ${account}`, path: `.accounts.${account}`, ...textsAndModes(sides) };
  });
}

/**
 * A resource may have several tags, of which the strictest rule counts. So where a rule ends, those of other tags may
 * decide.
 */
function tagScopes(control: string, risk: ControlRisk, policies: Pair<SuturePolicy>): ScopeChange[] {
  const [, after] = policies;
  const tags = keysOfBoth(...both(policies, (policy) => policyRulesOf(policy, control).tags));
  return tags.map((tag) => {
    const sides = both(policies, (policy) => {
      const rules = policyRulesOf(policy, control).tags;
      if (rules[tag]) return { text: rules[tag], modes: [rules[tag]] };
      const others = policy === after ? Object.values(rules) : [];
      return { text: AS_UNTAGGED, modes: [...untaggedModes(policy, control, risk), ...others] };
    });
    return { where: ` where tagged ${tag}`, path: `.tags.${tag}`, ...textsAndModes(sides) };
  });
}

type Scope = 'ous' | 'accounts' | 'tags';
type ControlRules = Readonly<Record<Scope, Readonly<Record<string, Mode>>>> & { readonly params: unknown };

export function policyRulesOf({ controls }: SuturePolicy, control: string): ControlRules {
  const rule = controls[control];
  const { ous = {}, accounts = {}, tags = {}, params = {} } = typeof rule === 'object' && rule !== null ? rule : {};
  return { ous, accounts, tags, params };
}

export const keysOfBoth = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] => [
  ...new Set([...Object.keys(a), ...Object.keys(b)]),
];
