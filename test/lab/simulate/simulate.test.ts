import { beforeAll, describe, expect, it } from 'vitest';
import type { EventOrFinding } from '../../../cli/input/parse-findings.ts';
import { parseFindings } from '../../../cli/input/parse-findings.ts';
import type { Remediation } from '../../../functions/contract/remediation.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { publicTrace, type Trace } from '../../../lab/organization/trace.ts';
import { automaticPolicy, observeOnly, scenarioPolicy } from '../../../lab/simulate/policy.ts';
import { type SimulatedTrace, type SimulationOptions, simulate } from '../../../lab/simulate/run.ts';

type FindingInput = {
  control: string;
  id: string;
  type: string;
  account?: string;
  region?: string;
  name?: string;
  details?: object;
};
let count = 0;
const finding = ({
  control,
  id,
  type,
  account = '333333333333',
  region = 'us-east-1',
  name = `f-${count++}`,
  details,
}: FindingInput) =>
  controlFinding({
    control,
    account,
    region,
    name,
    at: new Date('2026-11-20T00:00:00Z'),
    resource: {
      Type: type,
      Id: id,
      Partition: 'aws',
      Region: region,
      ...(details && { Details: { [type]: details } }),
    },
  });
const group = (n: number, control = 'EC2.13', account = '333333333333') =>
  finding({
    control,
    account,
    type: 'AwsEc2SecurityGroup',
    id: `arn:aws:ec2:us-east-1:${account}:security-group/sg-${String(n).padStart(17, '0')}`,
  });
const bucket = (name: string, control: string) => finding({ control, type: 'AwsS3Bucket', id: `arn:aws:s3:::${name}` });
const event = (findings: object[], more: object = {}) => ({
  id: 'an-event',
  source: 'aws.securityhub',
  'detail-type': 'Security Hub Findings - Imported',
  account: '888888888888',
  region: 'eu-west-3',
  detail: { findings },
  ...more,
});

/** A full hour, because caps count by the hour. */
const AN_HOUR = Date.parse('2026-11-22T10:00Z');

const run = (values: readonly object[], options: Partial<SimulationOptions> = {}): Promise<SimulatedTrace[]> =>
  simulate(parseFindings(JSON.stringify(values), 'test') as EventOrFinding[], {
    policy: automaticPolicy(REMEDIATIONS),
    asIs: false,
    ...options,
  });
const ends = (traces: readonly Trace[]) => traces.map(({ route, outcome }) => `${route} ${outcome}`);
const writes = (traces: readonly Trace[]) =>
  traces
    .flatMap(({ calls }) => calls)
    .filter(({ action }) => /:(Put|Revoke|Authorize|Delete|Modify|Update|Enable)/.test(action));

it.each([
  ['CloudTrail.3', 'CloudTrail.1', 'S3.22', 'CloudWatch.1'],
  ['CloudWatch.1', 'S3.22', 'CloudTrail.1', 'CloudTrail.3'],
])('findings about one account are all fixed, though %s, %s, %s and %s need a trail that logs', async (...controls) => {
  const account = (control: string) => finding({ control, type: 'AwsAccount', id: 'AWS::::Account:333333333333' });
  const traces = await run(controls.map(account), { policy: scenarioPolicy(controls.map(scenariosOf)) });
  expect(ends(traces)).toEqual(controls.map(() => 'remediate FIXED'));
});

it('findings in a Region that the context does not name are fixed, because the member roles of a simulation work there', async () => {
  const id = 'arn:aws:ec2:ap-south-1:333333333333:security-group/sg-0123456789abcdef0';
  const traces = await run([finding({ control: 'EC2.13', type: 'AwsEc2SecurityGroup', id, region: 'ap-south-1' })]);
  expect(ends(traces)).toEqual(['remediate FIXED']);
});

describe('the findings of a simulation', () => {
  const twice = group(1);
  const robin = { UserId: 'AIDAROBIN00000000001', UserName: 'robin', Path: '/division_a/team-b/' };
  const trail = (n: number) =>
    finding({
      control: 'CloudTrail.4',
      type: 'AwsCloudTrailTrail',
      id: `arn:aws:cloudtrail:us-east-1:333333333333:trail/trail-${n}`,
    });
  let traces: SimulatedTrace[];
  beforeAll(async () => {
    traces = await run([
      twice,
      group(1, 'EC2.14'),
      bucket('www.a-bucket.example', 'S3.8'),
      twice,
      event([group(2), group(3, 'EC2.14', '123456789012')]),
      finding({
        control: 'IAM.3',
        type: 'AwsIamUser',
        id: 'arn:aws:iam::333333333333:user/AIDAROBIN00000000001',
        details: robin,
      }),
      group(4, 'EC2.13', '111111111111'),
      group(5, 'EC2.13', '999999999999'),
      ...[1, 2, 3, 4, 5, 6].map(trail),
    ]);
  });

  it('keep their resource ids and the order of the input', () => {
    expect(traces.slice(0, 9).map(({ resource }) => resource?.split(/[/:]/).at(-1))).toEqual([
      'sg-00000000000000001',
      'sg-00000000000000001',
      'www.a-bucket.example',
      'sg-00000000000000001',
      'sg-00000000000000002',
      'sg-00000000000000003',
      'AIDAROBIN00000000001',
      'sg-00000000000000004',
      'sg-00000000000000005',
    ]);
  });
  it('are all fixed if they name one resource; a repeated finding is a duplicate', () => {
    expect([ends(traces)[0], ends(traces)[3]]).toEqual(['remediate FIXED', 'duplicate null']);
    expect(ends(traces).slice(1, 3)).toEqual(Array(2).fill('remediate FIXED'));
  });
  it('have an execution each if one event contains several, from any account', () => {
    expect(ends(traces).slice(4, 6)).toEqual(Array(2).fill('remediate FIXED'));
    expect(traces[4]!.execution!.arn).toMatch(/:an-event-0$/);
    expect(traces[5]!.execution!.arn).toMatch(/:an-event-1$/);
  });
  it('may name an IAM user by its unique id', () => expect(ends(traces)[6]).toBe('remediate FIXED'));
  it("may be about accounts that are Suture's or the management account in the example", () => {
    expect(ends(traces).slice(7, 9)).toEqual(Array(2).fill('remediate FIXED'));
  });
  it('are not simulated, with the reason, if AWS would not allow their resource', () => {
    expect(ends(traces).slice(9)).toEqual([...Array(5).fill('remediate FIXED'), 'remediate NOT_SIMULATED']);
    expect(traces[14]!.reason).toMatch(/could not make the resource faulty: .*already has 5 trails/);
  });
  it('are published with these members only', () => {
    const of = (value: object) => Object.keys(value).sort();
    expect(of(publicTrace(traces[0]!))).toEqual([
      ...['account', 'after', 'before', 'calls', 'control', 'execution', 'findingId', 'outcome'],
      ...['reason', 'region', 'remediation', 'resource', 'route', 'unit'],
    ]);
    expect(of(publicTrace(traces[1]!).calls[0]!)).toEqual(['account', 'action', 'decision', 'region', 'resource']);
  });
});

describe('findings about one resource', () => {
  it.each([
    ['EC2.2', 'EC2.13', 'EC2.14'],
    ['EC2.14', 'EC2.13', 'EC2.2'],
  ])('are all fixed: %s, %s, %s of a default group', async (...controls) => {
    expect(ends(await run(controls.map((control) => group(1, control))))).toEqual(Array(3).fill('remediate FIXED'));
  });
  it('say which fix came first if it closed the fault of another', async () => {
    const traces = await run([group(1, 'EC2.18'), group(1, 'EC2.13')]);
    expect(ends(traces)).toEqual(['remediate FIXED', 'remediate COMPLIANT']);
    expect(traces[1]!.reason).toMatch(/; the fix of EC2.18 in the same resource came first$/);
  });
});

it('a finding that comes again arrives after the first has ended, each time', async () => {
  const again = group(1);
  const other = { ...group(1), Id: `${again.Id}-by-another-name` };
  const traces = await run([again, again, other, again, group(2)]);
  expect(ends(traces)).toEqual([
    ...['remediate FIXED', 'duplicate null', 'remediate COMPLIANT', 'duplicate null', 'remediate FIXED'],
  ]);
});

describe('plan mode', () => {
  it('writes nothing and shows what apply would write', async () => {
    const traces = await run([group(1), bucket('a-bucket', 'S3.8')], {
      policy: observeOnly(automaticPolicy(REMEDIATIONS)),
    });
    expect(ends(traces)).toEqual(['remediate PLANNED', 'remediate PLANNED']);
    expect(traces.every(({ before, after }) => before !== null && after !== null)).toBe(true);
    expect(writes(traces)).toEqual([]);
  });
});

it('applies a policy with its approvals, suppressions and caps', async () => {
  const policy = SuturePolicy.parse({
    version: 1,
    controls: { 'EC2.13': 'auto', 'S3.8': 'approve' },
    caps: { perAccountAndHour: 1 },
    suppressions: [
      {
        id: 'known',
        reason: 'known',
        owner: 'team',
        expires: '2099-01-01',
        criteria: { resource: { contains: '003' } },
      },
    ],
  });
  const traces = await run([group(1), group(2), group(3), group(4, 'EC2.14'), bucket('a-bucket', 'S3.8')], {
    policy,
    at: AN_HOUR,
  });
  expect(ends(traces).slice(0, 2)).toEqual(['remediate FIXED', 'remediate FIXED']);
  expect(ends(traces).slice(2)).toEqual(['archive ARCHIVED', 'ignore null', 'approve WAITING']);
  const waited = traces.slice(0, 2).filter(({ execution }) => execution!.path.includes('WaitForWindow'));
  expect(waited).toHaveLength(1);
  expect(traces[4]).toMatchObject({ execution: { status: 'RUNNING' }, after: expect.anything() });
  expect(writes([traces[4]!])).toEqual([]);
});

it("applies a policy's tag rules to the tags of the finding", async () => {
  const policy = SuturePolicy.parse({
    version: 1,
    controls: { 'EC2.14': { mode: 'auto', tags: { 'suture=skip': 'off' } } },
  });
  const tagged = group(1, 'EC2.14');
  const Resources = tagged.Resources!.map((resource) => ({ ...resource, Tags: { suture: 'skip' } }));
  const traces = await run([{ ...tagged, Resources }, group(2, 'EC2.14')], { policy });
  expect(ends(traces)).toEqual(['remediate REFUSED', 'remediate FIXED']);
  expect(traces[0]!.reason).toBe('policy says off for resources tagged suture=skip');
});

it('decides by the unit that is given for an account, and says where it assumed one', async () => {
  const policy = SuturePolicy.parse({
    version: 1,
    controls: { 'EC2.13': { mode: 'observe', ous: { '/Workloads': 'auto', '/Workloads/Production': 'approve' } } },
  });
  const accounts = ['333333333333', '444444444444', '555555555555'];
  const ous = new Map([
    ['444444444444', '/Workloads/Production'],
    ['555555555555', '/Sandbox'],
  ]);
  const traces = await run(
    accounts.map((account, n) => group(n, 'EC2.13', account)),
    { policy, ous },
  );
  expect(ends(traces)).toEqual(['remediate FIXED', 'approve WAITING', 'remediate PLANNED']);
  expect(traces.map(({ unit }) => unit)).toEqual([
    { path: '/Workloads', isAssumed: true },
    { path: '/Workloads/Production', isAssumed: false },
    { path: '/Sandbox', isAssumed: false },
  ]);
});

it('applies the policy as of the given time', async () => {
  const exception = { reason: 'known', owner: 'team', criteria: { control: 'EC2.13' } };
  const policy = SuturePolicy.parse({
    version: 1,
    controls: { 'EC2.13': 'auto' },
    suppressions: [{ id: 'for-a-while', ...exception, expires: '2099-01-01' }],
  });
  const before = await run([group(1)], { policy, at: Date.parse('2099-01-01T23:00Z') });
  expect(ends(before)).toEqual(['archive ARCHIVED']);
  const after = await run([group(1)], { policy, at: Date.parse('2099-01-02T01:00Z') });
  expect(ends(after)).toEqual(['remediate FIXED']);
});

describe('with --as-is', () => {
  it("rejects events of another account or Region and findings of Suture's accounts", async () => {
    const traces = await run(
      [event([group(1)]), event([group(2)], { account: '111111111111' }), group(3, 'EC2.13', '111111111111')],
      { asIs: true },
    );
    expect(ends(traces)).toEqual(Array(3).fill('reject null'));
    expect(traces.map(({ reason }) => reason)).toEqual([
      'event comes from account 888888888888, not from the security account',
      'event comes from eu-west-3, not from the home Region us-east-1',
      'account 111111111111 is excluded',
    ]);
  });
});

describe('the policy of a simulation', () => {
  it('is auto for every control, and approve for destructive remediations', () => {
    const risky = (risk: string, control: string) =>
      ({ risk, handles: { controls: [control] } }) as unknown as Remediation;
    const { controls } = automaticPolicy([
      risky('safe', 'A.1'),
      risky('disruptive', 'A.2'),
      risky('destructive', 'A.3'),
    ]);
    expect(controls).toEqual({ 'A.1': 'auto', 'A.2': 'auto', 'A.3': 'approve' });
  });
  it('replaces each mode that writes with observe in plan mode, also for an account, a unit and a tag', () => {
    const given = SuturePolicy.parse({
      version: 1,
      controls: {
        'A.1': 'auto',
        'A.2': 'off',
        'A.3': null,
        'A.4': {
          params: { days: 7 },
          accounts: { '333333333333': 'auto', '444444444444': 'off' },
          ous: { '/Workloads': 'approve' },
          tags: { team: 'auto' },
        },
      },
    });
    expect(observeOnly(given).controls).toEqual({
      'A.1': 'observe',
      'A.2': 'off',
      'A.3': 'observe',
      'A.4': {
        mode: 'observe',
        params: { days: 7 },
        accounts: { '333333333333': 'observe', '444444444444': 'off' },
        ous: { '/Workloads': 'observe' },
        tags: { team: 'observe' },
      },
    });
  });
});
