/** The policy (`policy.yaml`), as AppConfig serves it: modes, exceptions, windows and caps. Pure. */
import * as z from 'zod';
import type { Risk } from '../contract/remediation.ts';
import { Grace } from './grace-policy.ts';
import { ManagedTags } from './managed.ts';
import { WhenManagedBy } from './managed-policy.ts';
import { Owners, OwnerTags } from './owner-policy.ts';
import { PolicyAccount as account, PolicyUnit as ouPath } from './policy-scopes.ts';
import { depthOfUnit, innermostUnit, type PolicyUnits, type UnitMember } from './policy-units.ts';
import { holdsTag, valueOfTag } from './tag-match.ts';

/**
 * `off`: ignored. `observe`: planned and recorded, never written. `approve`: planned, written when a person approves.
 */
export const Mode = z.enum(['off', 'observe', 'approve', 'auto']);
export type Mode = z.infer<typeof Mode>;

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be lower-case letters, digits and hyphens');

const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
/**
 * Security Hub's own string operators. All operators must hold; an operator holds if one of its values does (a `not`
 * operator: if none does).
 */
const Criterion = z.union([
  words,
  z
    .strictObject({
      equals: words.optional(),
      prefix: words.optional(),
      contains: words.optional(),
      not: words.optional(),
      notPrefix: words.optional(),
      notContains: words.optional(),
    })
    .refine((operators) => Object.keys(operators).length > 0, 'must hold at least one operator'),
]);
export type Criterion = z.infer<typeof Criterion>;

/** All criteria must hold. A criterion on a field that the finding lacks never holds. */
const Criteria = z
  .strictObject({
    control: Criterion.optional(),
    account: Criterion.optional(),
    region: Criterion.optional(),
    resource: Criterion.optional(),
    title: Criterion.optional(),
    generator: Criterion.optional(),
    severity: Criterion.optional(),
    /** By tag key, on the tags of the finding's resource. */
    tags: z.record(z.string().min(1), Criterion).optional(),
  })
  .refine((criteria) => Object.keys(criteria).length > 0, 'must hold at least one criterion');
export type Criteria = z.infer<typeof Criteria>;

export const Exception = z.strictObject({
  id,
  reason: z.string().min(1).max(300),
  owner: z.string().min(1).max(100),
  expires: z.iso.date('must be a day such as 2027-01-31'),
  criteria: Criteria,
});
/**
 * A suppression or exemption. A suppressed finding is archived; an exempt one keeps its status and stays in the score.
 */
export type Exception = z.infer<typeof Exception>;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:00');
const timezone = z.string().refine(isTimezone, 'must be a time zone such as Europe/Berlin');

export const Window = z.strictObject({
  id,
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS]),
  from: time,
  /** On the next day if it is earlier than `from`. */
  to: time,
  timezone: timezone.default('UTC'),
  controls: z.array(z.string()).optional(),
  accounts: z.array(account).optional(),
  ous: z.array(ouPath).optional(),
});
export type Window = z.infer<typeof Window>;

export const ControlRule = z.union([
  Mode,
  z.strictObject({
    mode: Mode.optional(),
    params: z.record(z.string(), z.unknown()).optional(),
    accounts: z.record(account, Mode).optional(),
    /** The longest path that contains the account applies. */
    ous: z.record(ouPath, Mode).optional(),
    /** By `key` or `key=value` of the live resource, which the remediation reads before the first write. */
    tags: z.record(z.string().min(1), Mode).optional(),
    /** For resources that code manages. */
    whenManagedBy: WhenManagedBy.optional(),
    grace: Grace.optional(),
  }),
  z.null(),
]);
export type ControlRule = z.infer<typeof ControlRule>;

/** Upper bounds of figures, so that no policy can switch them off. */
export const MAX_CHANGES_PER_ACCOUNT = 10_000;
export const MAX_CHANGES_PER_REMEDIATION = 100_000;
export const MAX_EXECUTIONS = 2_000_000;
export const MAX_BREAKER_FAILURES = 1000;
export const MAX_BREAKER_MINUTES = 24 * 60;

const unitId = z.string().regex(/^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$/, 'must be the id of an organizational unit');

export const SuturePolicy = z.strictObject({
  version: z.literal(1),
  /** Ids of the units that the policy names, by path. A push adds them. */
  units: z.record(ouPath, unitId).optional(),
  controls: z.record(z.string(), ControlRule),
  /** For every control whose own rule does not say. */
  whenManagedBy: WhenManagedBy.optional(),
  /** The tags by which resources are recognized that Terraform and other code manage. */
  managedTags: ManagedTags.optional(),
  /** People with their places, and the accounts, units and tags that they own. */
  owners: Owners.optional(),
  ownerTags: OwnerTags.optional(),
  /** The time that owners have before a change, for every control whose own rule does not say. */
  grace: Grace.optional(),
  suppressions: z.array(Exception).default([]),
  exemptions: z.array(Exception).default([]),
  windows: z.array(Window).default([]),
  /** Besides Suture's own accounts and those that the context excludes. */
  excludedAccounts: z.array(account).default([]),
  approvals: z
    .strictObject({
      hours: z
        .number()
        .positive()
        .max(24 * 14)
        .default(24),
      /**
       * An approval holds for these hours. If the change waits for maintenance windows, it holds to the end of the
       * first one.
       */
      validHours: z
        .number()
        .positive()
        .max(24 * 14)
        .default(24),
    })
    .prefault({}),
  caps: z
    .strictObject({
      perAccountAndHour: z.int().positive().max(MAX_CHANGES_PER_ACCOUNT).default(100),
      perRemediationAndHour: z.int().positive().max(MAX_CHANGES_PER_REMEDIATION).default(1000),
      /** Executions that go beyond triage; this cap limits the cost. */
      executionsPerHour: z.int().positive().max(MAX_EXECUTIONS).default(20_000),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      failures: z.int().positive().max(MAX_BREAKER_FAILURES).default(10),
      minutes: z.int().positive().max(MAX_BREAKER_MINUTES).default(15),
    })
    .prefault({}),
});
export type SuturePolicy = z.infer<typeof SuturePolicy>;

/** The live tags may still change the mode. */
export type PolicyDecision = {
  readonly mode: Mode;
  /** Policy names no mode, so that the risk of the change decides, which is known when it is planned. */
  readonly byRisk?: true;
  readonly because: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, Mode>>;
};

export type PolicyMember = UnitMember & { readonly account: string };

/** A policy with what the organization looks like now. */
export type PolicyInForce = SuturePolicy & PolicyUnits;

export const memberOf = ({
  account,
  ouPath,
  unitIds,
}: UnitMember & { readonly account?: string | undefined }): PolicyMember => ({
  account: account!,
  ...{ ouPath, unitIds },
});

/**
 * Returns the mode of a control for one account. The account's rule precedes that of its innermost organizational unit,
 * which precedes the rule for all.
 */
export function decisionOn(policy: PolicyInForce, control: string, risk: Risk, member: PolicyMember): PolicyDecision {
  if (!Object.hasOwn(policy.controls, control))
    return { mode: 'off', because: `policy does not name ${control}`, params: {}, tags: {} };
  const rule = ruleOf(policy.controls[control]!);
  const decided = (mode: Mode, because: string): PolicyDecision => ({
    mode,
    because,
    params: rule.params ?? {},
    tags: rule.tags ?? {},
  });
  const own = rule.accounts?.[member.account];
  if (own) return decided(own, `policy says ${own} for ${control} in account ${member.account}`);
  const unit = innermostUnit(policy, rule.ous ?? {}, member);
  if (unit) return decided(unit[1], `policy says ${unit[1]} for ${control} in ${unit[0]}`);
  const gone = Object.keys(rule.ous ?? {}).filter((each) => policy.goneUnits?.includes(each));
  if (gone.length > 0) {
    const strictest = strictestMode([
      rule.mode ?? modeByRisk(risk),
      ...Object.values(rule.ous ?? {}),
      ...Object.values(rule.accounts ?? {}),
    ]);
    return decided(
      strictest,
      `policy names ${gone.join(', ')} for ${control}, which the organization no longer has: the strictest of its modes is ${strictest}`,
    );
  }
  if (rule.mode) return decided(rule.mode, `policy says ${rule.mode} for ${control}`);
  const mode = modeByRisk(risk);
  const because = `policy names ${control} without a mode, and its remediation is ${risk}: ${mode}`;
  return { ...decided(mode, because), byRisk: true };
}

/** Returns the mode of a control that policy names without one. */
export const modeByRisk = (risk: Risk): Mode => (risk === 'safe' ? 'auto' : 'approve');

export const strictestMode = (modes: readonly Mode[]): Mode => Mode.options.find((mode) => modes.includes(mode))!;

/** Returns the strictest mode among the rules whose tag the resource has, with that tag. */
export function modeByTags(
  rules: Readonly<Record<string, Mode>>,
  tags: Readonly<Record<string, string>>,
): { readonly mode: Mode; readonly tag: string } | undefined {
  const matching = Object.entries(rules)
    .filter(([tag]) => holdsTag(tag, tags))
    .map(([tag, mode]) => ({ tag, mode }));
  return matching.sort((a, b) => Mode.options.indexOf(a.mode) - Mode.options.indexOf(b.mode))[0];
}

export const paramsOf = (policy: SuturePolicy, control: string): Readonly<Record<string, unknown>> =>
  Object.hasOwn(policy.controls, control) ? (ruleOf(policy.controls[control]!).params ?? {}) : {};

export type FindingFacts = Readonly<Partial<Record<Exclude<keyof Criteria, 'tags'>, string>>> & {
  readonly tags?: Readonly<Record<string, string>>;
};

export const exceptionFor = (
  exceptions: readonly Exception[],
  facts: FindingFacts,
  today: string,
): Exception | undefined => exceptions.find(({ expires, criteria }) => today <= expires && meetsAll(criteria, facts));

/** Returns the reason why a change must wait for a maintenance window; undefined if it need not wait. */
export function outsideWindows(
  policy: PolicyInForce,
  control: string,
  risk: Risk,
  member: PolicyMember,
  now: Date,
): string | undefined {
  if (risk === 'safe') return undefined;
  const windows = windowsFor(policy, control, member);
  if (windows.length === 0 || windows.some((window) => isOpen(window, now))) return undefined;
  return `waits for a maintenance window: ${windows.map(({ id, from, to, timezone }) => `${id} (${from} to ${to} ${timezone})`).join(', ')}`;
}

/** A week, and another one because summer time may begin within the window. */
const HORIZON_MINUTES = 14 * 24 * 60;

/**
 * Returns the next opening for this control and account, to the minute.
 * @throws RangeError if no window opens within two weeks
 */
export function nextOpening(policy: PolicyInForce, control: string, risk: Risk, member: PolicyMember, now: Date): Date {
  const minute = Math.ceil(now.getTime() / 60_000);
  for (let ahead = 0; ahead <= HORIZON_MINUTES; ahead++) {
    const then = new Date((minute + ahead) * 60_000);
    if (!outsideWindows(policy, control, risk, member, then)) return then;
  }
  throw new RangeError(`No maintenance window for ${control} opens within two weeks`);
}

/**
 * Returns when an approval ends: with the first maintenance window after it, or after `validHours` if there is none.
 */
export function approvalEnd(
  policy: PolicyInForce,
  control: string,
  risk: Risk,
  member: PolicyMember,
  approvedAt: Date,
): Date {
  if (risk !== 'safe' && windowsFor(policy, control, member).length > 0) {
    const first = Math.ceil(nextOpening(policy, control, risk, member, approvedAt).getTime() / 60_000);
    for (let ahead = 0; ahead <= HORIZON_MINUTES; ahead++) {
      const then = new Date((first + ahead) * 60_000);
      if (outsideWindows(policy, control, risk, member, then)) return then;
    }
  }
  return new Date(approvedAt.getTime() + policy.approvals.validHours * 3_600_000);
}

function ruleOf(rule: ControlRule): Exclude<ControlRule, Mode | null> {
  if (rule === null) return {};
  return typeof rule === 'string' ? { mode: rule } : rule;
}

function meetsAll({ tags, ...criteria }: Criteria, facts: FindingFacts): boolean {
  const named = Object.entries(criteria) as [keyof typeof criteria, Criterion | undefined][];
  return (
    named.every(([name, criterion]) => criterion === undefined || criterionHolds(criterion, facts[name])) &&
    Object.entries(tags ?? {}).every(([key, criterion]) => criterionHolds(criterion, valueOfTag(facts.tags ?? {}, key)))
  );
}

export function criterionHolds(criterion: Criterion, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (typeof criterion === 'string' || Array.isArray(criterion)) return list(criterion).includes(value);
  const { equals, prefix, contains, not, notPrefix, notContains } = criterion;
  const any = (values: string | string[] | undefined, is: (word: string) => boolean) =>
    values === undefined || list(values).some(is);
  const none = (values: string | string[] | undefined, is: (word: string) => boolean) =>
    values === undefined || !list(values).some(is);
  return (
    any(equals, (word) => value === word) &&
    any(prefix, (word) => value.startsWith(word)) &&
    any(contains, (word) => value.includes(word)) &&
    none(not, (word) => value === word) &&
    none(notPrefix, (word) => value.startsWith(word)) &&
    none(notContains, (word) => value.includes(word))
  );
}
const list = (values: string | readonly string[]): readonly string[] =>
  typeof values === 'string' ? [values] : values;

/**
 * A window whose units are gone binds every account that no other window names, because nobody knows where the accounts
 * of the unit are now.
 */
function windowsFor(policy: PolicyInForce, control: string, member: PolicyMember): Window[] {
  const ofControl = policy.windows.filter(
    ({ controls, accounts }) =>
      (!controls || controls.includes(control)) && (!accounts || accounts.includes(member.account)),
  );
  const own = ofControl.filter(
    ({ ous }) => !ous || ous.some((unit) => depthOfUnit(policy, unit, member) !== undefined),
  );
  return own.length > 0 ? own : ofControl.filter(({ ous }) => ous?.some((unit) => policy.goneUnits?.includes(unit)));
}

function isOpen({ days, from, to, timezone }: Window, now: Date): boolean {
  const { day, at } = localTime(now, timezone);
  const yesterday = DAYS[(DAYS.indexOf(day) + 6) % 7]!;
  if (from <= to) return days.includes(day) && from <= at && at < to;
  return (days.includes(day) && from <= at) || (days.includes(yesterday) && at < to);
}

function localTime(now: Date, timezone: string): { day: (typeof DAYS)[number]; at: string } {
  const part = Object.fromEntries(
    formatIn(timezone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return { day: part.weekday!.toLowerCase() as (typeof DAYS)[number], at: `${part.hour}:${part.minute}` };
}

/** Creating a format takes fifty times as long as using it, and a search uses one for every minute. */
const FORMATS_BY_ZONE = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS_BY_ZONE.get(timeZone);
  if (known) return known;
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', ...time });
  FORMATS_BY_ZONE.set(timeZone, format);
  return format;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
