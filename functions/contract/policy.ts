/** What is automatic, observed and suppressed (`policy.yaml`), as AppConfig serves it. */
import * as z from 'zod';

export const ControlMode = z.enum(['off', 'observe', 'auto']);
export type ControlMode = z.infer<typeof ControlMode>;

const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
/** Security Hub's own string operators; several values of one operator are alternatives, operators must all hold. */
const Criterion = z.union([
  words,
  z.strictObject({
    equals: words.optional(),
    prefix: words.optional(),
    not: words.optional(),
    contains: words.optional(),
  }),
]);
export type Criterion = z.infer<typeof Criterion>;

export const Suppression = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be lower-case letters, digits and hyphens'),
  reason: z.string().min(1).max(300),
  owner: z.string().min(1).max(100),
  /** The last day on which it holds. */
  expires: z.iso.date(),
  criteria: z
    .strictObject({
      control: Criterion.optional(),
      account: Criterion.optional(),
      region: Criterion.optional(),
      resource: Criterion.optional(),
      title: Criterion.optional(),
      generator: Criterion.optional(),
      severity: Criterion.optional(),
    })
    .refine((criteria) => Object.keys(criteria).length > 0, 'must hold at least one criterion'),
});
export type Suppression = z.infer<typeof Suppression>;

export const Policy = z.strictObject({
  version: z.literal(1),
  controls: z.record(
    z.string(),
    z.union([ControlMode, z.strictObject({ mode: ControlMode, params: z.record(z.string(), z.unknown()).optional() })]),
  ),
  suppressions: z.array(Suppression).default([]),
  /** Executions a remediation may start in one account and hour. */
  caps: z.strictObject({ perAccountAndHour: z.int().positive().default(100) }).prefault({}),
});
export type Policy = z.infer<typeof Policy>;

export type FindingFacts = Readonly<Partial<Record<keyof Suppression['criteria'], string>>>;

/** The mode of a control; what policy does not name is off. */
export function modeOf(
  policy: Policy,
  control: string,
): { mode: ControlMode; params: Readonly<Record<string, unknown>> } {
  const entry = Object.hasOwn(policy.controls, control) ? policy.controls[control]! : 'off';
  return typeof entry === 'string' ? { mode: entry, params: {} } : { mode: entry.mode, params: entry.params ?? {} };
}

/** The first suppression that holds for these facts on this day (ISO date). */
export const suppressionOf = (policy: Policy, facts: FindingFacts, today: string): Suppression | undefined =>
  policy.suppressions.find(
    ({ expires, criteria }) =>
      today <= expires && Object.entries(criteria).every(([name, criterion]) => holds(criterion, facts[name as never])),
  );

function holds(criterion: Criterion, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (typeof criterion === 'string' || Array.isArray(criterion)) return list(criterion).includes(value);
  const { equals, prefix, not, contains } = criterion;
  return (
    (equals === undefined || list(equals).includes(value)) &&
    (prefix === undefined || list(prefix).some((start) => value.startsWith(start))) &&
    (contains === undefined || list(contains).some((part) => value.includes(part))) &&
    (not === undefined || !list(not).includes(value))
  );
}
const list = (values: string | readonly string[]): readonly string[] =>
  typeof values === 'string' ? [values] : values;
