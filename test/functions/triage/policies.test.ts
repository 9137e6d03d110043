/**
 * Properties of any policy: triage, proxy and engine together write exactly if a naive reading of the policy allows it,
 * and AppConfig serves the policy in the file.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as YAML from 'yaml';
import * as z from 'zod';
import { accountTarget, defineRemediation, type Remediation } from '../../../functions/contract/remediation.ts';
import { FindingEvent } from '../../../functions/domain/finding.ts';
import type { Job } from '../../../functions/domain/job.ts';
import { type Exception, type Mode, SuturePolicy } from '../../../functions/domain/policy.ts';
import { recheckPolicy, withCurrentPolicy } from '../../../functions/proxy/recheck-policy.ts';
import { runRemediation } from '../../../functions/remediate/engine.ts';
import { triage } from '../../../functions/triage/decide.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { parsePolicy } from '../../../stacks/policy.ts';
import { eventOf, SECURITY } from '../finding.ts';

/** For more runs: `PROPERTY_RUNS=100000 npm test -- test/functions/triage/policies.test.ts`. */
const RUNS = { numRuns: Number(process.env.PROPERTY_RUNS ?? 1000), seed: 8 };
const TODAY = '2026-11-22';
const NOW = new Date(`${TODAY}T12:00:00Z`);

type Facts = {
  readonly control: string;
  readonly account: string;
  readonly region: string;
  readonly severity: string;
  readonly ouPath: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly live: Readonly<Record<string, string>>;
};

const ACCOUNTS = ['333333333333', '444444444444'];
const REGIONS = ['us-east-1', 'eu-west-1'];
const SEVERITIES = ['LOW', 'HIGH'];
const UNITS = ['/Workloads', '/Workloads/Production', '/Workloads/Production/Shop', '/Sandbox'];
const RISKS = { 'Toy.1': 'safe', 'Toy.2': 'disruptive', 'Toy.3': 'destructive' } as const;
const CONTROLS = Object.keys(RISKS) as (keyof typeof RISKS)[];

const toy = (
  control: keyof typeof RISKS,
  live: () => Readonly<Record<string, string>>,
  written: () => void,
): Remediation =>
  defineRemediation({
    id: `toy/${RISKS[control]}`,
    title: 'Switch on',
    handles: { controls: [control] },
    risk: RISKS[control],
    target: accountTarget,
    params: z.strictObject({}),
    state: z.strictObject({ on: z.boolean() }),
    reads: [{ actions: ['ec2:Read'], resources: ['*'], because: 'a toy' }],
    writes: [{ actions: ['ec2:Write'], resources: ['*'], because: 'a toy' }],
    clients: {},
    tags: async () => live(),
  } as never).by({
    read: async () => ({ on: false }),
    want: () => ({ on: true }),
    write: async () => written(),
    summary: () => 'on',
  } as never) as never;

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const modes = fc.constantFrom<Mode>('off', 'observe', 'approve', 'auto');
const tagSets = fc.dictionary(fc.constantFrom('stage', 'owner'), fc.constantFrom('test', 'shop'), { maxKeys: 2 });

const facts: fc.Arbitrary<Facts> = fc.record({
  control: fc.constantFrom(...CONTROLS, 'Toy.9'),
  account: fc.constantFrom(...ACCOUNTS),
  region: fc.constantFrom(...REGIONS),
  severity: fc.constantFrom(...SEVERITIES),
  ouPath: fc.constantFrom(...UNITS, '/'),
  tags: tagSets,
  live: tagSets,
});

const rules = fc.oneof(
  modes,
  fc.constant(null),
  fc
    .record({
      mode: optional(modes),
      accounts: optional(fc.dictionary(fc.constantFrom(...ACCOUNTS), modes)),
      ous: optional(fc.dictionary(fc.constantFrom(...UNITS, '/'), modes)),
      tags: optional(fc.dictionary(fc.constantFrom('stage', 'stage=test', 'owner=shop'), modes)),
    })
    .map(withoutUndefined),
);

const oneOrMore = (values: readonly string[]) =>
  fc.oneof(fc.constantFrom(...values), fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 }));
const criterion = (values: readonly string[]) =>
  fc.oneof(
    oneOrMore(values),
    oneOrMore(values).map((not) => ({ not })),
    oneOrMore(values.map((value) => value.slice(0, 2))).map((prefix) => ({ prefix })),
  );
const criteria = fc
  .record({
    control: optional(criterion(CONTROLS)),
    account: optional(criterion(ACCOUNTS)),
    region: optional(criterion(REGIONS)),
    severity: optional(criterion(SEVERITIES)),
    tags: optional(fc.dictionary(fc.constantFrom('stage', 'owner'), oneOrMore(['test', 'shop']), { minKeys: 1 })),
  })
  .map(withoutUndefined)
  .filter((each) => Object.keys(each).length > 0);
const exceptions = (prefix: string) =>
  fc
    .array(fc.record({ criteria, expires: fc.constantFrom('2026-11-21', TODAY, '2026-11-23') }), { maxLength: 3 })
    .map((all) =>
      all.map((each, n) => ({ id: `${prefix}-${n}`, reason: 'it is expected so', owner: 'shop', ...each })),
    );

/** Mostly short policies, which shrink well. */
const policies = fc
  .record({
    controls: fc.dictionary(fc.constantFrom(...CONTROLS), rules),
    suppressions: exceptions('suppression'),
    exemptions: exceptions('exemption'),
    excludedAccounts: fc.uniqueArray(fc.constantFrom(...ACCOUNTS), { maxLength: 1 }),
  })
  .map((policy) => ({ version: 1 as const, ...policy }));
type GeneratedPolicy = typeof policies extends fc.Arbitrary<infer P> ? P : never;

function withoutUndefined<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Reads a policy naively: the first case that applies. */
function expectedHandling(policy: GeneratedPolicy, about: Facts): 'excluded' | 'suppressed' | 'exempt' | Mode {
  if (policy.excludedAccounts.includes(about.account)) return 'excluded';
  const applies = ({ expires, criteria: wanted }: Pick<Exception, 'expires' | 'criteria'>) =>
    Date.parse(expires) + 86_400_000 > NOW.getTime() && meetsCriteria(wanted, about);
  if (policy.suppressions.some((each) => applies(each as Exception))) return 'suppressed';
  if (policy.exemptions.some((each) => applies(each as Exception))) return 'exempt';
  if (!(about.control in policy.controls) || !(about.control in RISKS)) return 'off';
  const given = policy.controls[about.control] as any;
  const rule = typeof given === 'string' ? { mode: given } : (given ?? {});
  const units = [about.ouPath];
  while (units[0] !== '/') units.unshift(units[0]!.slice(0, units[0]!.lastIndexOf('/')) || '/');
  const byUnit = units.reverse().find((unit) => rule.ous?.[unit]);
  const modeByRisk = RISKS[about.control as keyof typeof RISKS] === 'safe' ? 'auto' : 'approve';
  const live = Object.entries(about.live).flatMap(([key, value]) => [rule.tags?.[key], rule.tags?.[`${key}=${value}`]]);
  const strictest = (['off', 'observe', 'approve', 'auto'] as const).find((mode) => live.includes(mode));
  return strictest ?? rule.accounts?.[about.account] ?? (byUnit && rule.ous[byUnit]) ?? rule.mode ?? modeByRisk;
}

function meetsCriteria(wanted: object, about: Facts): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    if (name === 'tags') return Object.entries(value).every(([key, asked]) => matches(asked, about.tags[key]));
    return matches(value, about[name as keyof Facts] as string);
  });
}

function matches(asked: any, value: string | undefined): boolean {
  const list = (words: any): string[] => [words].flat();
  if (value === undefined) return false;
  if (asked.not) return !list(asked.not).includes(value);
  if (asked.prefix) return list(asked.prefix).some((word) => value.indexOf(word) === 0);
  return list(asked).includes(value);
}

/** Runs triage, then proxy and engine under the later policy. Returns the route and the writes. */
async function runAll(about: Facts, first: GeneratedPolicy, later = first) {
  let writes = 0;
  const remediations = CONTROLS.map((control) =>
    toy(
      control,
      () => about.live,
      () => {
        writes += 1;
      },
    ),
  );
  const { work, route, finding } = triage(FindingEvent.parse(eventOf({})), findingAbout(about), {
    remediations,
    policy: SuturePolicy.parse(first),
    organization: {
      securityAccount: SECURITY,
      homeRegion: 'us-east-1',
      excluded: [SECURITY],
      status: 'ACTIVE',
      ouPath: about.ouPath,
    },
    today: TODAY,
  });
  if (!work) return { route, writes };
  const job = { v: 3, execution: 'arn:e', started: NOW.toISOString(), route, reason: '', finding, work } as Job;
  try {
    recheckPolicy(job, work, SuturePolicy.parse(later), NOW);
  } catch (error) {
    expect((error as Error).name).toBe('Stopped');
    return { route: 'stopped', writes };
  }
  const { mode, policy, target, params } = withCurrentPolicy(job, work, SuturePolicy.parse(later));
  const request = { v: 3, mode, execution: 'arn:e', started: NOW.toISOString(), finding, target, params, policy };
  const journal = { entries: async () => [], put: async () => {}, mark: async () => {} };
  const copies = { keep: async <E>(entry: E) => entry, oldest: async () => undefined };
  const deps = {
    journal,
    copies,
    alert: () => {},
    session: async () => ({}),
    findStack: async () => undefined,
    findWrite: async () => undefined,
    now: () => NOW.getTime(),
    sleep: async () => {},
  };
  const module = remediations.find(({ id }) => id === work.remediation)!;
  // The switch never shows as on, so an applied change stays pending: the test looks only at the writes.
  await runRemediation(module, request as never, deps).catch(() => {});
  return { route, writes };
}

const findingAbout = ({ control, account, region, severity, tags }: Facts) => {
  const resource = {
    Type: 'AwsAccount',
    Id: `AWS::::Account:${account}`,
    Partition: 'aws',
    Region: region,
    Tags: tags,
  };
  const made = controlFinding({ control, account, region, resource, name: 'f', at: NOW });
  return { ...made, Severity: { Label: severity } };
};

describe('any policy', () => {
  it('writes exactly if it says auto, and archives exactly if it suppresses', async () => {
    const met = new Set<string>();
    const property = fc.asyncProperty(policies, facts, async (policy, about) => {
      const expected = expectedHandling(policy, about);
      met.add(expected);
      const { route, writes } = await runAll(about, policy);
      expect(writes > 0).toBe(expected === 'auto');
      expect(route === 'archive').toBe(expected === 'suppressed');
      if (expected === 'excluded') expect(route).toBe('ignore');
      if (expected === 'exempt') expect(route).toBe('ignore');
    });
    await fc.assert(property, RUNS);
    expect([...met].sort()).toEqual(['approve', 'auto', 'excluded', 'exempt', 'observe', 'off', 'suppressed']);
  });

  it('that changes after triage prevents writes that it no longer allows', async () => {
    let written = 0;
    let stopped = 0;
    const property = fc.asyncProperty(policies, policies, facts, async (policy, later, about) => {
      const { route, writes } = await runAll(about, policy, later);
      if (route === 'stopped') stopped += 1;
      if (writes === 0) return;
      written += 1;
      expect(expectedHandling(later, about)).toBe('auto');
    });
    await fc.assert(property, RUNS);
    expect(Math.min(written, stopped)).toBeGreaterThan(20);
  });

  it('ignores expired exceptions', async () => {
    const property = fc.asyncProperty(policies, facts, async (policy, about) => {
      const holds = ({ expires }: { expires: string }) => expires >= TODAY;
      const without = {
        ...policy,
        suppressions: policy.suppressions.filter(holds),
        exemptions: policy.exemptions.filter(holds),
      };
      expect(await runAll(about, without)).toEqual(await runAll(about, policy));
    });
    await fc.assert(property, RUNS);
  });

  it('survives YAML unchanged, or is refused with a reason', () => {
    const remediations = CONTROLS.map((control) =>
      toy(
        control,
        () => ({}),
        () => {},
      ),
    );
    let accepted = 0;
    const property = fc.property(policies, (policy) => {
      let read: SuturePolicy;
      try {
        read = parsePolicy(YAML.stringify(policy), 'policy.yaml', remediations, TODAY);
      } catch (error) {
        expect(String((error as Error).message)).toMatch(/^policy\.yaml:\d+:\d+: /);
        return;
      }
      accepted += 1;
      expect(read).toEqual(SuturePolicy.parse(policy));
    });
    fc.assert(property, { ...RUNS, numRuns: RUNS.numRuns / 4 });
    expect(accepted).toBeGreaterThan(20);
  });
});
