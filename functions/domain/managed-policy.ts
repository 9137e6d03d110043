/** Rules of policy for resources that code manages (`whenManagedBy`), by control, account, unit and tag. Pure. */
import * as z from 'zod';
import {
  actionOf,
  DEFAULT_ACTION,
  ManagedAction,
  ManagedActions,
  type ManagedDecision,
  type ManagedTags,
  type Manager,
  strictestAction,
} from './managed.ts';
import { PolicyAccount, PolicyUnit } from './policy-scopes.ts';
import { innermostUnit, type PolicyUnits, type UnitMember } from './policy-units.ts';

export const WhenManagedBy = z.union([
  ManagedAction,
  z.strictObject({
    cloudformation: ManagedAction.optional(),
    terraform: ManagedAction.optional(),
    other: ManagedAction.optional(),
    accounts: z.record(PolicyAccount, ManagedActions).optional(),
    /** The longest path that contains the account applies. */
    ous: z.record(PolicyUnit, ManagedActions).optional(),
    /** By `key` or `key=value` of the live resource. */
    tags: z.record(z.string().min(1), ManagedActions).optional(),
  }),
]);
export type WhenManagedBy = z.infer<typeof WhenManagedBy>;
export type ManagedRule = Exclude<WhenManagedBy, ManagedAction>;

export type PolicyWithManagers = PolicyUnits & {
  readonly whenManagedBy?: WhenManagedBy | undefined;
  readonly managedTags?: ManagedTags | undefined;
  readonly controls: Readonly<Record<string, unknown>>;
};
type Member = UnitMember & { readonly account: string };

export const managedRuleOf = (given: WhenManagedBy | undefined): ManagedRule =>
  typeof given === 'string' ? { cloudformation: given, terraform: given, other: given } : (given ?? {});

/** Returns the rule of one control; empty if it has none. */
export function controlManagedRule({ controls }: Pick<PolicyWithManagers, 'controls'>, control: string): ManagedRule {
  const rule = Object.hasOwn(controls, control) ? controls[control] : undefined;
  if (typeof rule !== 'object' || rule === null) return {};
  return managedRuleOf((rule as { readonly whenManagedBy?: WhenManagedBy }).whenManagedBy);
}

/**
 * Returns the actions for one control in one account. The control's rule precedes the policy's. In each, the account's
 * action precedes that of its innermost unit, which precedes the one for all.
 */
export function managedDecisionOn(policy: PolicyWithManagers, control: string, member: Member): ManagedDecision {
  const rules = [controlManagedRule(policy, control), managedRuleOf(policy.whenManagedBy)];
  const action = (manager: Manager) =>
    rules.map((rule) => actionIn(rule, manager, policy, member)).find((found) => found !== undefined) ?? DEFAULT_ACTION;
  const tags = Object.assign({}, ...rules.toReversed().map((rule) => rule.tags)) as Record<string, ManagedActions>;
  const { managedTags } = policy;
  return {
    actions: { cloudformation: action('cloudformation'), terraform: action('terraform'), other: action('other') },
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(managedTags && { marks: managedTags }),
  };
}

function actionIn(rule: ManagedRule, manager: Manager, policy: PolicyUnits, member: Member): ManagedAction | undefined {
  const { accounts = {}, ous = {} } = rule;
  const own = actionOf(Object.hasOwn(accounts, member.account) ? accounts[member.account]! : {}, manager);
  if (own) return own;
  const ofManager = (scope: Readonly<Record<string, ManagedActions>>) =>
    Object.entries(scope).flatMap(([name, actions]) => {
      const action = actionOf(actions, manager);
      return action ? [[name, action] as const] : [];
    });
  const units = Object.fromEntries(ofManager(ous));
  const unit = innermostUnit(policy, units, member);
  if (unit) return unit[1];
  // Nobody knows which accounts the unit had, so the strictest action counts.
  if (Object.keys(units).some((each) => policy.goneUnits?.includes(each)))
    return strictestAction([
      rule[manager] ?? DEFAULT_ACTION,
      ...Object.values(units),
      ...ofManager(accounts).map(([, each]) => each),
    ]);
  return rule[manager];
}

/** Returns every action that policy names for a manager and one control, and the default. */
export const namedActions = (
  policy: PolicyWithManagers,
  control: string | undefined,
  manager: Manager,
): ManagedAction[] => {
  const rules = [
    managedRuleOf(policy.whenManagedBy),
    ...(control === undefined ? [] : [controlManagedRule(policy, control)]),
  ];
  const given = rules.flatMap(({ accounts = {}, ous = {}, tags = {}, ...all }) => [
    ...[all, ...Object.values(accounts), ...Object.values(ous), ...Object.values(tags)],
  ]);
  return [DEFAULT_ACTION, ...given.flatMap((each) => actionOf(each, manager) ?? [])];
};
