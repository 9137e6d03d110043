/** What is automatic, approved, observed, suppressed and exempt (`policy.yaml`), as AppConfig serves it. Pure. */
import * as z from 'zod';
import type { Risk } from '../contract/remediation.ts';

/** `off`: ignored. `observe`: planned and recorded, never written. `approve`: planned, written when a person agrees. */
export const Mode = z.enum(['off', 'observe', 'approve', 'auto']);
export type Mode = z.infer<typeof Mode>;

const account = z.string().regex(/^\d{12}$/, 'must be the 12 digits of an account id, in quotes');
const ouPath = z
  .string()
  .regex(/^\/[^/]*(\/[^/]+)*$/, 'must be a path of organizational units, such as /Workloads/Production');
const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be lower-case letters, digits and hyphens');

const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
/** Security Hub's own string operators. Values of one operator are alternatives (of `not`: none may hold); operators must all hold. */
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

/** Every criterion must hold. A criterion on something that the finding does not have never holds. */
const Criteria = z
  .strictObject({
    control: Criterion.optional(),
    account: Criterion.optional(),
    region: Criterion.optional(),
    resource: Criterion.optional(),
    title: Criterion.optional(),
    generator: Criterion.optional(),
    severity: Criterion.optional(),
    /** By tag key; the tags are those that the finding's resource bears. */
    tags: z.record(z.string().min(1), Criterion).optional(),
  })
  .refine((criteria) => Object.keys(criteria).length > 0, 'must hold at least one criterion');
export type Criteria = z.infer<typeof Criteria>;

export const Exception = z.strictObject({
  id,
  reason: z.string().min(1).max(300),
  owner: z.string().min(1).max(100),
  /** The last day on which it holds. */
  expires: z.iso.date('must be a day such as 2027-01-31'),
  criteria: Criteria,
});
/** A suppressed finding is archived; an exempt one is left as it is, and stays in the score. */
export type Exception = z.infer<typeof Exception>;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:00');
const timezone = z.string().refine(isTimezone, 'must be a time zone such as Europe/Berlin');

/** Changes that are not `safe` happen inside a window, where one names their control and account; outside, they wait. */
export const Window = z.strictObject({
  id,
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .default([...DAYS]),
  from: time,
  /** Earlier than `from`: on the next day. */
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
    /** The longest path that holds the account counts. */
    ous: z.record(ouPath, Mode).optional(),
    /** By `key` or `key=value` of the live resource; read before anything is written. */
    tags: z.record(z.string().min(1), Mode).optional(),
  }),
  z.null(),
]);
type ControlRule = z.infer<typeof ControlRule>;

const perHour = z.int().positive();

export const SuturePolicy = z.strictObject({
  version: z.literal(1),
  controls: z.record(z.string(), ControlRule),
  suppressions: z.array(Exception).default([]),
  exemptions: z.array(Exception).default([]),
  windows: z.array(Window).default([]),
  /** Besides the accounts of Suture itself and those of the context. */
  excludedAccounts: z.array(account).default([]),
  approvals: z
    .strictObject({
      /** Hours after which nobody has answered, and the answer is no. */
      hours: z
        .number()
        .positive()
        .max(24 * 14)
        .default(24),
    })
    .prefault({}),
  caps: z
    .strictObject({
      /** Changes of one remediation in one account. */
      perAccountAndHour: perHour.default(100),
      /** Changes of one remediation in the whole organization. */
      perRemediationAndHour: perHour.default(1000),
      /** Executions that may go beyond triage; protects the bill. */
      executionsPerHour: perHour.default(20_000),
    })
    .prefault({}),
  breaker: z
    .strictObject({
      /** Failures of one remediation within an hour that open its circuit. */
      failures: z.int().positive().default(10),
      /** Minutes until one try is let through. */
      minutes: z.int().positive().default(15),
    })
    .prefault({}),
});
export type SuturePolicy = z.infer<typeof SuturePolicy>;

/** What a control's rule says of an account; the mode may still change with the live tags. */
export type PolicyDecision = {
  readonly mode: Mode;
  readonly because: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, Mode>>;
};

/** The account that a finding is of, with the path of its organizational units where that is known. */
export type PolicyMember = { readonly account: string; readonly ouPath?: string };

/** What policy says of this control in this account: by account, else by the longest organizational unit, else for all. */
export function decisionOn(policy: SuturePolicy, control: string, risk: Risk, member: PolicyMember): PolicyDecision {
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
  const unit = longestUnit(rule.ous ?? {}, member.ouPath);
  if (unit) return decided(unit[1], `policy says ${unit[1]} for ${control} in ${unit[0]}`);
  if (rule.mode) return decided(rule.mode, `policy says ${rule.mode} for ${control}`);
  const mode = risk === 'safe' ? 'auto' : 'approve';
  return decided(mode, `policy names ${control} without a mode, and its remediation is ${risk}: ${mode}`);
}

/** The mode that the live tags ask for, with the tag; the strictest where several do. Undefined where none does. */
export function modeByTags(
  rules: Readonly<Record<string, Mode>>,
  tags: Readonly<Record<string, string>>,
): { readonly mode: Mode; readonly tag: string } | undefined {
  const asked = Object.entries(rules)
    .filter(([tag]) => holdsTag(tag, tags))
    .map(([tag, mode]) => ({ tag, mode }));
  return asked.sort((a, b) => Mode.options.indexOf(a.mode) - Mode.options.indexOf(b.mode))[0];
}

/** Parameters of a control, as its rule has them. */
export const paramsOf = (policy: SuturePolicy, control: string): Readonly<Record<string, unknown>> =>
  Object.hasOwn(policy.controls, control) ? (ruleOf(policy.controls[control]!).params ?? {}) : {};

export type FindingFacts = Readonly<Partial<Record<Exclude<keyof Criteria, 'tags'>, string>>> & {
  readonly tags?: Readonly<Record<string, string>>;
};

/** The first suppression, or exemption, that holds for these facts on this day (ISO date). */
export const exceptionFor = (
  exceptions: readonly Exception[],
  facts: FindingFacts,
  today: string,
): Exception | undefined => exceptions.find(({ expires, criteria }) => today <= expires && meets(criteria, facts));

/** Why a change must wait for a maintenance window; undefined when it need not. */
export function outsideWindows(
  policy: SuturePolicy,
  control: string,
  risk: Risk,
  member: PolicyMember,
  now: Date,
): string | undefined {
  if (risk === 'safe') return undefined;
  const windows = policy.windows.filter((window) => isFor(window, control, member));
  if (windows.length === 0 || windows.some((window) => isOpen(window, now))) return undefined;
  return `waits for a maintenance window: ${windows.map(({ id, from, to, timezone }) => `${id} (${from} to ${to} ${timezone})`).join(', ')}`;
}

/** How far ahead a window is looked for, in minutes: a week, and another one where summer time begins within the window. */
const HORIZON = 14 * 24 * 60;

/** When the next window for this control and account opens, to the minute. */
export function nextOpening(policy: SuturePolicy, control: string, risk: Risk, member: PolicyMember, now: Date): Date {
  const minute = Math.ceil(now.getTime() / 60_000);
  for (let ahead = 0; ahead <= HORIZON; ahead++) {
    const then = new Date((minute + ahead) * 60_000);
    if (!outsideWindows(policy, control, risk, member, then)) return then;
  }
  throw new RangeError(`No maintenance window for ${control} opens within two weeks`);
}

function ruleOf(rule: ControlRule): Exclude<ControlRule, Mode | null> {
  if (rule === null) return {};
  return typeof rule === 'string' ? { mode: rule } : rule;
}

function longestUnit(units: Readonly<Record<string, Mode>>, path: string | undefined): [string, Mode] | undefined {
  if (path === undefined) return undefined;
  const holding = Object.entries(units).filter(([unit]) => isWithin(unit, path));
  return holding.sort(([a], [b]) => b.length - a.length)[0];
}

const isWithin = (unit: string, path: string | undefined): boolean =>
  unit === '/' || path === unit || (path?.startsWith(`${unit}/`) ?? false);

function meets({ tags, ...criteria }: Criteria, facts: FindingFacts): boolean {
  const named = Object.entries(criteria) as [keyof typeof criteria, Criterion | undefined][];
  return (
    named.every(([name, criterion]) => criterion === undefined || holds(criterion, facts[name])) &&
    Object.entries(tags ?? {}).every(([key, criterion]) => holds(criterion, ownValue(facts.tags ?? {}, key)))
  );
}

const ownValue = (record: Readonly<Record<string, string>>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Whether a value meets every operator. */
export function holds(criterion: Criterion, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (typeof criterion === 'string' || Array.isArray(criterion)) return list(criterion).includes(value);
  const { equals, prefix, contains, not, notPrefix, notContains } = criterion;
  const any = (asked: string | string[] | undefined, is: (word: string) => boolean) =>
    asked === undefined || list(asked).some(is);
  const none = (asked: string | string[] | undefined, is: (word: string) => boolean) =>
    asked === undefined || !list(asked).some(is);
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

function holdsTag(tag: string, tags: Readonly<Record<string, string>>): boolean {
  if (Object.hasOwn(tags, tag)) return true;
  const [key, ...value] = tag.split('=');
  return value.length > 0 && ownValue(tags, key!) === value.join('=');
}

const isFor = ({ controls, accounts, ous }: Window, control: string, { account, ouPath }: PolicyMember): boolean =>
  (!controls || controls.includes(control)) &&
  (!accounts || accounts.includes(account)) &&
  (!ous || ous.some((unit) => isWithin(unit, ouPath)));

function isOpen({ days, from, to, timezone }: Window, now: Date): boolean {
  const { day, at } = localTime(now, timezone);
  const yesterday = DAYS[(DAYS.indexOf(day) + 6) % 7]!;
  if (from <= to) return days.includes(day) && from <= at && at < to;
  return (days.includes(day) && from <= at) || (days.includes(yesterday) && at < to);
}

function localTime(now: Date, timezone: string): { day: (typeof DAYS)[number]; at: string } {
  const part = Object.fromEntries(
    clockIn(timezone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return { day: part.weekday!.toLowerCase() as (typeof DAYS)[number], at: `${part.hour}:${part.minute}` };
}

/** By time zone: making one takes fifty times as long as asking it, and a search asks for every minute. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockIn(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', ...time });
  clocks.set(timeZone, made);
  return made;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
