import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const PublishedTrace = z.strictObject({
  findingId: z.string(),
  control: z.string().nullable(),
  route: z.enum(['remediate', 'archive', 'approve', 'ignore', 'reject', 'duplicate']),
  reason: z.string().min(1),
  remediation: z.string().nullable(),
  account: z.string().nullable(),
  region: z.string().nullable(),
  resource: z.string().nullable(),
  outcome: z.enum(['FIXED', 'COMPLIANT', 'REFUSED', 'PLANNED', 'ARCHIVED', 'WAITING', 'FAILED']).nullable(),
  before: z.json(),
  after: z.json(),
  execution: z
    .strictObject({
      arn: z.string(),
      status: z.string(),
      path: z.array(z.string()),
      transitions: z.int(),
      error: z.strictObject({ name: z.string(), cause: z.string() }).nullable(),
    })
    .nullable(),
  calls: z.array(
    z.strictObject({
      account: z.string(),
      region: z.string(),
      action: z.string(),
      resource: z.string(),
      decision: z.enum(['Allow', 'Deny']),
    }),
  ),
});
const ExpectedEnd = z.strictObject({ route: z.string(), outcome: z.string().nullable() });
const Document = z.strictObject({
  ok: z.literal(true),
  findings: z.array(PublishedTrace.extend({ expected: ExpectedEnd, end: z.string(), shows: z.string().min(1) })),
});

let code: number | null;
let findings: z.infer<typeof Document>['findings'];

async function start(...args: string[]) {
  const child = spawn(process.execPath, ['bin/start.ts', ...args]);
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, error, code: await exitCode };
}

beforeAll(async () => {
  const run = await start('--json');
  findings = Document.parse(JSON.parse(run.out)).findings;
  code = run.code;
  expect(run.error).toMatch(/^ +\d+\.\d s {2}deploying /m);
});

const endings = () => new Set(findings.map(({ route, outcome }) => `${route} ${outcome}`));

describe('npm start', () => {
  it('exits with 0, because every finding ended as expected', () => {
    expect(code).toBe(0);
    for (const { route, outcome, expected } of findings) expect({ route, outcome }).toEqual(expected);
  });

  it('prints at most 60 lines off a terminal: the outcomes, the verdict, one fix in detail and the next steps', async () => {
    const { out, error, code: exitCode } = await start();
    expect(exitCode).toBe(0);
    expect((error + out).trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(out).not.toContain('\x1b');
    expect(out).toMatch(/^✓ EC2\.13 +FAILED +an account without the member role$/m);
    expect(out).toContain(`${findings.length} of ${findings.length} findings ended as expected.`);
    expect(out).toMatch(/^ {4}- {3}\{"protocol":"tcp","from":22/m);
    expect(out).not.toMatch(/sts:(SetSourceIdentity|TagSession)/);
    expect(out).toContain('\nNext:\n');
  });

  it('has the columns of the table in its JSON', () => {
    for (const { end, outcome, route } of findings) expect(end).toBe(outcome ?? route.toUpperCase());
    const shown = findings.map(({ shows }) => shows);
    expect(shown).toContain('an account without the member role');
  });

  it('refuses options that exclude each other', async () => {
    const { code: exitCode, error } = await start('--json', '--verbose');
    expect(exitCode).toBe(2);
    expect(error).toContain('--verbose and --json exclude each other');
  });

  it('shows every route and outcome', () => {
    expect([...endings()].sort()).toEqual([
      'approve FIXED',
      'approve WAITING',
      'archive ARCHIVED',
      'duplicate null',
      'ignore null',
      'reject null',
      'remediate COMPLIANT',
      'remediate FAILED',
      'remediate FIXED',
      'remediate PLANNED',
      'remediate REFUSED',
    ]);
  });

  it('shows a dozen controls of at least ten services beside EC2, IAM and S3, and that each ended', () => {
    const others = findings.flatMap(({ control, execution }) =>
      control && execution && !/^(EC2|IAM|S3|KMS\.4)/.test(control) ? [control] : [],
    );
    expect(new Set(others).size).toBeGreaterThanOrEqual(12);
    expect(new Set(others.map((control) => control.split('.')[0])).size).toBeGreaterThanOrEqual(10);
  });

  it('covers at least four member accounts and two Regions', () => {
    const processed = findings.filter(({ execution }) => execution);
    expect(new Set(processed.map(({ account }) => account)).size).toBeGreaterThanOrEqual(4);
    expect(new Set(processed.map(({ region }) => region)).size).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['a finding that matches no rule', 'ignore', /^no rule lets this finding through: Compliance.Status is PASSED$/],
    ["another product's finding", 'ignore', /comes from aws\/guardduty/],
    ['a finding in OCSF', 'reject', /is in OCSF/],
    ['a forged finding', 'reject', /is of account 444444444444, AwsAccountId is 333333333333/],
    ['an exemption', 'ignore', /^exempt by training-keys/],
    ['a missing role', 'remediate', /^MemberRoleUnavailable: /],
  ] as const)('shows the reason for %s', (_, route, reason) => {
    expect(findings).toContainEqual(expect.objectContaining({ route, reason: expect.stringMatching(reason) }));
  });

  it('shows the change and the calls of each fix', () => {
    const fixed = findings.filter(({ outcome }) => outcome === 'FIXED');
    expect(fixed.length).toBeGreaterThan(6);
    for (const { before, after, calls } of fixed) {
      expect(after).not.toEqual(before);
      expect(calls.map(({ action }) => action)).toContain('sts:AssumeRole');
    }
    expect(findings.find(({ outcome }) => outcome === 'FAILED')!.calls).toMatchObject([
      { action: 'sts:AssumeRole', resource: expect.stringContaining(':666666666666:role/'), decision: 'Deny' },
    ]);
  });
});
