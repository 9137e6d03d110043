/** The time that owners have before Suture changes something (`grace`), by control, severity, unit and account. Pure. */
import * as z from 'zod';
import { PolicyAccount, PolicyUnit } from './policy-scopes.ts';
import { innermostUnit, type PolicyUnits, type UnitMember } from './policy-units.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_DAYS = 90;

const FORM = /^(\d{1,4})([hd])$/;

export const GraceTime = z
  .string()
  .regex(FORM, 'must be hours or days, such as 36h or 7d')
  .refine((text) => graceMs(text) <= MAX_DAYS * DAY_MS, `must be at most ${MAX_DAYS}d`);

export function graceMs(text: string): number {
  const [, number, unit] = FORM.exec(text) ?? [];
  return Number(number ?? 0) * (unit === 'd' ? DAY_MS : HOUR_MS);
}

const GraceScopes = z.strictObject({
  /** For findings that no other member names. */
  for: GraceTime.optional(),
  severities: z
    .strictObject({
      CRITICAL: GraceTime.optional(),
      HIGH: GraceTime.optional(),
      MEDIUM: GraceTime.optional(),
      LOW: GraceTime.optional(),
      INFORMATIONAL: GraceTime.optional(),
    })
    .optional(),
  accounts: z.record(PolicyAccount, GraceTime).optional(),
  /** The longest path that contains the account applies. */
  ous: z.record(PolicyUnit, GraceTime).optional(),
});
export type GraceRule = z.infer<typeof GraceScopes>;

/** One time for all, or one for each scope. */
export const Grace = z.union([GraceTime, GraceScopes]);
export type Grace = z.infer<typeof Grace>;

export type PolicyWithGrace = PolicyUnits & {
  readonly grace?: Grace | undefined;
  readonly controls: Readonly<Record<string, unknown>>;
};

export type GraceFacts = {
  readonly member: UnitMember & { readonly account: string };
  readonly severity: string | undefined;
  /** A response to a threat: only a rule of its own control may delay it. */
  readonly isThreat: boolean;
};

export const graceRuleOf = (given: Grace | undefined): GraceRule =>
  typeof given === 'string' ? { for: given } : (given ?? {});

/** Returns the rule of one control; empty if it has none. */
export function controlGraceRule({ controls }: Pick<PolicyWithGrace, 'controls'>, control: string): GraceRule {
  const rule = Object.hasOwn(controls, control) ? controls[control] : undefined;
  return typeof rule === 'object' && rule !== null ? graceRuleOf((rule as { readonly grace?: Grace }).grace) : {};
}

/**
 * Returns the milliseconds that the owner has. The control's rule precedes the policy's. In each, the account's time
 * precedes that of its innermost unit; of that time and the severity's, the shorter one counts.
 */
export function graceOn(policy: PolicyWithGrace, control: string, facts: GraceFacts): number {
  const rules = [controlGraceRule(policy, control), ...(facts.isThreat ? [] : [graceRuleOf(policy.grace)])];
  return rules.map((rule) => timeIn(rule, policy, facts)).find((found) => found !== undefined) ?? 0;
}

function timeIn(rule: GraceRule, policy: PolicyUnits, { member, severity }: GraceFacts): number | undefined {
  const { severities = {}, for: others } = rule;
  const byPlace = timeByPlace(rule, policy, member);
  const named: Readonly<Record<string, string | undefined>> = severities;
  const bySeverity = severity !== undefined && Object.hasOwn(named, severity) ? named[severity] : undefined;
  const specific = [byPlace, bySeverity].filter((each) => each !== undefined).map(graceMs);
  if (specific.length > 0) return Math.min(...specific);
  return others === undefined ? undefined : graceMs(others);
}

function timeByPlace(rule: GraceRule, policy: PolicyUnits, member: GraceFacts['member']): string | undefined {
  const { accounts = {}, ous = {} } = rule;
  if (Object.hasOwn(accounts, member.account)) return accounts[member.account];
  const unit = innermostUnit(policy, ous, member);
  if (unit) return unit[1];
  // Nobody knows which accounts the unit had, so the longest time counts.
  if (Object.keys(ous).some((each) => policy.goneUnits?.includes(each)))
    return namedTimes(rule).toSorted((a, b) => graceMs(b) - graceMs(a))[0];
  return undefined;
}

/** Returns every time that a rule names. */
export const namedTimes = ({ for: others, severities = {}, accounts = {}, ous = {} }: GraceRule): string[] =>
  [others, ...Object.values(severities), ...Object.values(accounts), ...Object.values(ous)].filter(
    (each) => each !== undefined,
  );
