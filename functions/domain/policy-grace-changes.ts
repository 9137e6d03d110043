/** How the time that owners have differs between two policies. Less time lets Suture write sooner. Pure. */
import {
  controlGraceRule,
  type GraceRule,
  graceMs,
  graceRuleOf,
  namedTimes,
  type PolicyWithGrace,
} from './grace-policy.ts';
import { keysOfBoth, type PolicyChange } from './policy-mode-changes.ts';

type Pair<T> = readonly [before: T, after: T];

/** Returns the changes of the rule of one control, or of the one for all controls. */
export function graceChanges(control: string | undefined, policies: Pair<PolicyWithGrace>): PolicyChange[] {
  const [before, after] = policies.map((policy) => linesOf(ruleIn(policy, control))) as [RuleLines, RuleLines];
  return keysOfBoth(before, after).flatMap((path) => {
    const [from, to] = [before[path], after[path]];
    if (from?.time === to?.time) return [];
    const { where } = (from ?? to)!;
    const possible = (line: RuleLine | undefined, policy: PolicyWithGrace) =>
      line ? [graceMs(line.time)] : unsaidTimes(policy, control);
    return {
      text: `${control ?? 'every control'}: time for owners${where}: ${from?.time ?? UNSAID} → ${to?.time ?? UNSAID}`,
      path: `${control === undefined ? '' : `controls.${control}.`}grace${path}`,
      from: from?.time ?? null,
      to: to?.time ?? null,
      widens: Math.min(...possible(to, policies[1])) < Math.max(...possible(from, policies[0])),
    };
  });
}

const UNSAID = 'not said';

const ruleIn = (policy: PolicyWithGrace, control: string | undefined): GraceRule =>
  control === undefined ? graceRuleOf(policy.grace) : controlGraceRule(policy, control);

/** Returns every time that may count where a line says nothing. */
function unsaidTimes(policy: PolicyWithGrace, control: string | undefined): number[] {
  const rules = [graceRuleOf(policy.grace), ...(control === undefined ? [] : [controlGraceRule(policy, control)])];
  return [0, ...rules.flatMap(namedTimes).map(graceMs)];
}

type RuleLine = { readonly time: string; readonly where: string };
type RuleLines = Readonly<Record<string, RuleLine>>;

/** Returns what a rule says, by its path. */
function linesOf({ for: others, severities = {}, ous = {}, accounts = {} }: GraceRule): RuleLines {
  const lines: readonly (readonly [path: string, where: string, time: string | undefined])[] = [
    ['', '', others],
    ...Object.entries(severities).map(([each, time]) => [`.severities.${each}`, ` at ${each}`, time] as const),
    ...Object.entries(ous).map(([each, time]) => [`.ous.${each}`, ` in ${each}`, time] as const),
    ...Object.entries(accounts).map(([each, time]) => [`.accounts.${each}`, ` in account ${each}`, time] as const),
  ];
  return Object.fromEntries(
    lines.flatMap(([path, where, time]) => (time === undefined ? [] : [[path, { where, time }] as const])),
  );
}
