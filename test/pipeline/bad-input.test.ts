/** Every invalid input gets a reason and a metric, ends its execution successfully, and is recorded. */
import { type ExecutionListItem, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../functions/domain/job.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { DATA, type Pipeline, type PipelineExecution, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';

const HTTPS = 'tcp 443 from 0.0.0.0/0';

let suture: Pipeline;
let finding: ControlFinding;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  finding = await suture.arrange('EC2.13');
});
afterAll(() => suture.sandbox.close());

const eventOf = (...findings: unknown[]) => ({
  version: '0',
  id: '6f5c1f3e-0000-4000-8000-000000000001',
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: suture.context.securityAccount,
  region: suture.context.homeRegion,
  time: '2026-11-01T00:00:00Z',
  resources: [],
  detail: { findings },
});
const without = (member: string) => {
  const { [member as 'Id']: _, ...rest } = finding;
  return eventOf(rest);
};
const changed = (changes: object) => eventOf({ ...finding, ...changes });

type RefusedInput = { readonly input: () => unknown; readonly route?: 'ignore'; readonly because: string };

const INVALID_EVENTS: Readonly<Record<string, RefusedInput>> = {
  nothing: { input: () => null, because: 'is not an event of findings' },
  'a text': { input: () => 'finding', because: 'is not an event of findings' },
  'a list': { input: () => [], because: 'is not an event of findings' },
  'an empty object': { input: () => ({}), because: 'is not an event of findings: id: Invalid input' },
  'an event without findings': {
    input: () => ({ ...eventOf(), detail: {} }),
    because: 'is not an event of findings: detail.findings: Invalid input',
  },
  'an event with 0 findings': { input: () => eventOf(), because: 'the event holds no finding' },
  'an event of another source': {
    input: () => ({ ...eventOf(finding), source: 'my.scanner' }),
    because: 'event comes from source "my.scanner", not aws.securityhub',
  },
  'an event of another account': {
    input: () => ({ ...eventOf(finding), account: SHOP }),
    because: `event comes from account ${SHOP}, not from the security account`,
  },
  'an event in OCSF': {
    input: () => ({ ...eventOf(finding), 'detail-type': 'Findings Imported V2' }),
    because: 'is in OCSF, as "Findings Imported V2" brings it',
  },
};

const REFUSED_FINDINGS: Readonly<Record<string, RefusedInput>> = {
  'nothing as finding': { input: () => eventOf(null), because: 'is not a finding in ASFF' },
  'a text as finding': { input: () => eventOf('finding'), because: 'is not a finding in ASFF' },
  'a list as finding': { input: () => eventOf([finding]), because: 'is not a finding in ASFF' },
  ...Object.fromEntries(
    ['Id', 'ProductArn', 'GeneratorId', 'AwsAccountId', 'RecordState', 'Workflow', 'Resources'].map((member) => [
      `a finding without ${member}`,
      { input: () => without(member), because: `is not a finding in ASFF: ${member}: Invalid` },
    ]),
  ),
  'a finding without resource': { input: () => changed({ Resources: [] }), because: 'Resources: names no resource' },
  'an Id of 100,000 characters': { input: () => changed({ Id: 'x'.repeat(100_000) }), because: 'Id: Too big' },
  'a number as title': { input: () => changed({ Title: 1 }), because: 'Title: Invalid input' },
  'a Region that is a host name': {
    input: () => changed({ Resources: [{ ...finding.Resources[0]!, Region: 'example.com/' }] }),
    because: 'Resources.0.Region: is not the name of a Region',
  },
  'a resource that is a wildcard': {
    input: () =>
      changed({ Resources: [{ ...finding.Resources[0]!, Id: `arn:aws:ec2:us-east-1:${SHOP}:security-group/*` }] }),
    because: 'has characters that Suture takes in no id',
  },
  'a resource of another type': {
    input: () => changed({ Resources: [{ Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::a-bucket' }] }),
    because: 'AwsS3Bucket "arn:aws:s3:::a-bucket" is not AwsEc2SecurityGroup',
  },
  'two resources': {
    input: () => changed({ Resources: [finding.Resources[0], finding.Resources[0]] }),
    because: 'names 2 resources; control findings name one',
  },
  'two names of the control that disagree': {
    input: () => changed({ GeneratorId: 'security-control/EC2.7' }),
    because: 'SecurityControlId says EC2.13, GeneratorId "security-control/EC2.7" says EC2.7',
  },
  "another vendor's finding": {
    input: () => changed({ ProductArn: `arn:aws:securityhub:us-east-1:${SHOP}:product/${SHOP}/default` }),
    because: "is not Security Hub's own",
  },
  'details that exceed the size limit': {
    input: () => {
      const AwsEc2SecurityGroup = { ['k'.repeat(200_000)]: 1 };
      return changed({ Resources: [{ ...finding.Resources[0]!, Details: { AwsEc2SecurityGroup } }] });
    },
    because: 'its job would have 20',
  },
  'keys that name the prototype instead of the required ones': {
    input: () =>
      eventOf(JSON.parse('{"__proto__":{"Id":"x","ProductArn":"y"},"constructor":{"prototype":{"Id":"z"}}}')),
    because: 'is not a finding in ASFF: Id: Invalid input',
  },
  'an unknown control': {
    input: () =>
      changed({
        GeneratorId: 'security-control/EC2.999',
        Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.999' },
      }),
    route: 'ignore',
    because: 'no remediation handles EC2.999',
  },
  'a control named like a member of every object': {
    input: () => changed({ GeneratorId: 'security-control/constructor', Compliance: { Status: 'FAILED' } }),
    route: 'ignore',
    because: 'GeneratorId "security-control/constructor" is not a format of control names that Suture knows',
  },
  'a finding whose workflow status somebody changed': {
    input: () => changed({ Workflow: { Status: 'NOTIFIED' } }),
    route: 'ignore',
    because: 'Workflow.Status is NOTIFIED',
  },
};

describe.each([
  ['an input that is not an event of findings', INVALID_EVENTS],
  ['a finding that Suture may not act on', REFUSED_FINDINGS],
])('%s', (_, cases) => {
  const executions = new Map<string, PipelineExecution>();
  let countedBefore: Readonly<Record<string, number>>;

  beforeAll(async () => {
    countedBefore = triaged();
    const started = await suture.start(...Object.values(cases).map(({ input }) => input()));
    for (const [n, name] of Object.keys(cases).entries()) executions.set(name, started[n]!);
  });

  it.each(Object.entries(cases))('%s: gets a reason, and the execution succeeds', (name, { route, because }) => {
    const { status, path, output } = executions.get(name)!;
    expect([status, path]).toEqual(['SUCCEEDED', ['Triage', 'Route', 'Record']]);
    expect(output).toMatchObject({ route: route ?? 'reject', reason: expect.stringContaining(because) });
  });
  it.each(Object.entries(cases))('%s: is recorded in the ledger, without a call in a member account', async (name) => {
    const { arn, output } = executions.get(name)!;
    const job = output as Job;
    const lines = await suture.history(job.finding.id);
    expect(lines.filter((line) => line.job.execution === arn)).toEqual([
      { outcome: job.route === 'reject' ? 'REJECTED' : 'IGNORED', job },
    ]);
    expect(suture.callsOf(arn)).toEqual([]);
  });
  it('is counted by route', () => {
    const routes = Object.groupBy(Object.values(cases), ({ route }) => route ?? 'reject');
    const counted = triaged();
    for (const [route, inputs] of Object.entries(routes))
      expect(counted[route]! - (countedBefore[route] ?? 0)).toBe(inputs.length);
  });
  it('changes no resource', async () => {
    expect(await suture.inbound(finding)).toContain('tcp 22 from 0.0.0.0/0');
  });
});

function triaged(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Route, Triaged } of suture.metrics('Triaged'))
    counts[String(Route)] = (counts[String(Route)] ?? 0) + Number(Triaged);
  return counts;
}

describe('an unusual but genuine finding', () => {
  it('of 240 KB is fixed, with a job as small as that of a small finding', async () => {
    const jobSize = async (findingBytes: number) => {
      const arranged = await suture.arrange('EC2.13');
      const [resource] = arranged.Resources;
      const size = Math.max(0, findingBytes - Buffer.byteLength(JSON.stringify(arranged)) - 100);
      const Details = { AwsEc2SecurityGroup: { GroupName: 'web', Description: 'x'.repeat(size) } };
      const [trace] = await suture.process({ ...arranged, Resources: [{ ...resource!, Details }] });
      expect(trace.outcome).toBe('FIXED');
      expect(await suture.inbound(arranged)).toEqual([HTTPS]);
      return Buffer.byteLength(JSON.stringify(suture.execution(trace.execution!.arn).output));
    };
    const large = await jobSize(240 * 1024);
    expect(large).toBeLessThanOrEqual(await jobSize(0));
    // Nearly half are the checks of triage; calls and steps have limits of their own.
    expect(large).toBeLessThan(4864);
  });
  it('with text in other scripts is fixed, and the text is recorded unchanged', async () => {
    const Title = 'Zażółć 日本語 🔒 \u202e\u0000 end';
    const unusual = { ...(await suture.arrange('EC2.13')), Title };
    const [trace] = await suture.process(unusual);
    expect(trace.outcome).toBe('FIXED');
    expect((await suture.history(unusual.Id))[0]!.job.finding.title).toBe(Title);
  });
  it('with keys that name the prototype is fixed, and later findings do not inherit them', async () => {
    const unusual = await suture.arrange('EC2.13');
    const polluting = JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}');
    const [resource] = unusual.Resources;
    const Details = Object.assign(JSON.parse('{"__proto__":{"polluted":"yes"}}'), { AwsEc2SecurityGroup: polluting });
    const [execution] = await suture.start(
      eventOf({ ...unusual, ...polluting, ProductFields: polluting, Resources: [{ ...resource, Details }] }),
    );
    expect(execution!.output).toMatchObject({ route: 'reject', reason: expect.stringContaining('ProductFields') });
    const [fixed] = await suture.start(eventOf({ ...unusual, ...polluting, Resources: [{ ...resource, Details }] }));
    expect(fixed!.output).toMatchObject({ result: { kind: 'fixed' } });
    const [next] = await suture.start(changed({}));
    expect(JSON.stringify(next!.output)).not.toContain('polluted');
  });
});

describe('an event of 50 findings', () => {
  it('starts exactly one execution for each even if triage is killed half-way, and each is processed', async () => {
    const open = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13', { account: DATA })];
    const bastion = (await suture.arrange('EC2.13', { account: TRAINING })).Resources[0]!;
    const suppressed = Array.from({ length: 24 }, () => suture.finding('EC2.13', bastion, { account: TRAINING }));
    const unknown = Array.from({ length: 23 }, () => suture.finding('EC2.999', open[0]!.Resources[0]!));
    let starts = 0;
    const killTriage: FaultRule = ({ operation, principal }) =>
      operation === 'StartExecution' &&
      'role' in principal &&
      principal.role.endsWith('suture-triage') &&
      ++starts === 17
        ? { kind: 'killAfter' }
        : undefined;
    // Security Hub has the findings, but no rule matches the events about them.
    for (const each of [...open, ...suppressed])
      putFinding(suture.kernel, { ...each, Compliance: { ...each.Compliance, Status: 'PASSED' } } as never);

    const eventId = await suture.withFaults([killTriage], async () => {
      const id = suture.emit([...open, ...suppressed, ...unknown, { Id: 'none' }]);
      await suture.sandbox.settled();
      return id;
    });

    const { result } = deliveries(suture.kernel).find((each) => each.eventId === eventId)!;
    expect(starts).toBeGreaterThan(50);
    expect(suture.execution(result!)).toMatchObject({
      status: 'SUCCEEDED',
      path: ['Triage', 'Route', 'Split'],
      output: { route: 'split', reason: 'one execution each for 50 findings' },
    });
    const children = (await executions()).filter(({ name }) => name!.startsWith(`${eventId}-`));
    expect(children.map(({ status }) => status)).toEqual(Array(50).fill('SUCCEEDED'));
    const outcomes = async (findings: readonly { Id: string }[]) =>
      new Set(
        (await Promise.all(findings.map(({ Id }) => suture.history(Id)))).map((lines) =>
          lines.map(({ outcome }) => outcome).join(),
        ),
      );
    expect(await outcomes(open)).toEqual(new Set(['FIXED']));
    expect(await outcomes(suppressed)).toEqual(new Set(['ARCHIVED']));
    expect(await outcomes(unknown)).toEqual(new Set(['IGNORED']));
    expect(await outcomes([{ Id: 'none' }])).toEqual(new Set(['REJECTED']));
  });
});

describe('after all inputs', () => {
  it('no execution has failed', async () => {
    expect((await executions()).filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  });
});

async function executions(): Promise<ExecutionListItem[]> {
  const client = new SFNClient(suture.sandbox.administrator(suture.context.securityAccount));
  const listed: ExecutionListItem[] = [];
  for await (const page of paginateListExecutions({ client }, { stateMachineArn: stateMachineArn(suture.context) }))
    listed.push(...page.executions!);
  return listed;
}
