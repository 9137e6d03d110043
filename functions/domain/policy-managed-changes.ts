/** How the rules for resources that code manages differ between two policies. Pure. */
import { isEqual } from '../contract/is-equal.ts';
import { actionOf, MANAGERS, ManagedAction, type ManagedActions, type ManagedTags, type Manager } from './managed.ts';
import {
  controlManagedRule,
  type ManagedRule,
  managedRuleOf,
  namedActions,
  type PolicyWithManagers,
} from './managed-policy.ts';
import { keysOfBoth, type PolicyChange } from './policy-mode-changes.ts';

type Pair<T> = readonly [before: T, after: T];

/** Returns the changes of the rules of one control, or of those for all controls. */
export function managedChanges(control: string | undefined, policies: Pair<PolicyWithManagers>): PolicyChange[] {
  const [before, after] = policies.map((policy) =>
    ruleLines(control === undefined ? managedRuleOf(policy.whenManagedBy) : controlManagedRule(policy, control)),
  ) as [RuleLines, RuleLines];
  return keysOfBoth(before, after).flatMap((key) => {
    const [from, to] = [before[key], after[key]];
    if (from?.action === to?.action) return [];
    const { manager, where, path } = (from ?? to)!;
    const possible = (line: RuleLine | undefined, policy: PolicyWithManagers) =>
      line ? [line.action] : namedActions(policy, control, manager);
    return {
      text: `${control ?? 'every control'}: managed by ${manager}: ${from?.action ?? UNSAID} → ${to?.action ?? UNSAID}${where}`,
      path: `${control === undefined ? '' : `controls.${control}.`}whenManagedBy${path}`,
      from: from?.action ?? null,
      to: to?.action ?? null,
      widens: Math.min(...possible(to, policies[1]).map(rankOf)) < Math.max(...possible(from, policies[0]).map(rankOf)),
    };
  });
}

const UNSAID = 'not said';
const rankOf = (action: ManagedAction): number => ManagedAction.options.indexOf(action);

type RuleLine = {
  readonly manager: Manager;
  readonly action: ManagedAction;
  readonly where: string;
  readonly path: string;
};
type RuleLines = Readonly<Record<string, RuleLine>>;

/** Returns what a rule says, by scope and manager. */
function ruleLines({ accounts = {}, ous = {}, tags = {}, ...all }: ManagedRule): RuleLines {
  const scopes: readonly (readonly [where: string, path: string, actions: ManagedActions])[] = [
    ['', '', all],
    ...Object.entries(ous).map(([unit, each]) => [` in ${unit}`, `.ous.${unit}`, each] as const),
    ...Object.entries(accounts).map(([id, each]) => [` in account ${id}`, `.accounts.${id}`, each] as const),
    ...Object.entries(tags).map(([tag, each]) => [` where tagged ${tag}`, `.tags.${tag}`, each] as const),
  ];
  const lines = scopes.flatMap(([where, path, actions]) =>
    MANAGERS.flatMap((manager) => {
      const action = actionOf(actions, manager);
      return action ? [[`${path} ${manager}`, { manager, action, where, path }] as const] : [];
    }),
  );
  return Object.fromEntries(lines);
}

/**
 * Returns the changes of the tags by which managers are recognized. Fewer tags recognize fewer resources, so that
 * Suture may write more. If none were named before, the usual ones counted.
 */
export function managedTagChanges(before: ManagedTags = {}, after: ManagedTags = {}): PolicyChange[] {
  return (['terraform', 'other'] as const)
    .filter((manager) => !isEqual(before[manager], after[manager]))
    .map((manager) => {
      const [from, to] = [before[manager], after[manager]];
      const shown = (tags: readonly string[] | undefined) => (tags ? tags.join(', ') || 'none' : UNSAID);
      const isLonger = from !== undefined && to !== undefined && from.every((tag) => to.includes(tag));
      return {
        text: `tags of resources that ${manager === 'other' ? 'other code' : 'Terraform'} manages: ${shown(from)} → ${shown(to)}`,
        path: `managedTags.${manager}`,
        from: from ?? null,
        to: to ?? null,
        widens: !isLonger && !(manager === 'other' && from === undefined),
      };
    });
}
