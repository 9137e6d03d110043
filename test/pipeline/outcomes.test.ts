import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { Trace } from '../../lab/organization/trace.ts';
import { deliveries } from '../../sandbox/services/eventbridge/delivery-log.ts';
import {
  ACQUIRED,
  CLOSED,
  DATA,
  type Pipeline,
  REMEDIATION_PATH,
  SHOP,
  startPipeline,
  TRAINING,
} from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';
import { moveAccount } from '../support/rollout.ts';

const SSH = 'tcp 22 from 0.0.0.0/0';
const RDP = 'tcp 3389 from 0.0.0.0/0';
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const CLOSE_PORTS = 'ec2/close-admin-ports';
const ENCRYPT = 'ec2/encrypt-ebs-by-default';

let suture: Pipeline;
let findings: Record<keyof typeof ARRANGEMENTS, ControlFinding>;
let traces: Record<keyof typeof ARRANGEMENTS, Trace>;

const ARRANGEMENTS = {
  openPort: () => suture.arrange('EC2.13'),
  /** With a single standard's generator id, as before controls were consolidated. */
  byStandard: async () => {
    const GeneratorId = 'aws-foundational-security-best-practices/v/1.0.0/EC2.13';
    const Compliance = { Status: 'FAILED' } as ControlFinding['Compliance'];
    return { ...(await suture.arrange('EC2.13')), GeneratorId, Compliance };
  },
  unencrypted: () => suture.arrange('EC2.7', { account: DATA, region: 'eu-west-1' }),
  observed: () => suture.arrange('EC2.14', { account: DATA }),
  suppressed: () => suture.arrange('EC2.13', { account: TRAINING }),
  restricted: () => suture.arrange('EC2.13', { scenario: 'the rule is restricted to a network' }),
  passed: async () => {
    const finding = await suture.arrange('EC2.13');
    return { ...finding, Compliance: { ...finding.Compliance, Status: 'PASSED' as const } };
  },
  forged: async () => {
    const foreign = await suture.arrange('EC2.13', { account: DATA });
    return suture.finding('EC2.13', foreign.Resources[0]!, { account: SHOP });
  },
  closed: () => suture.arrange('EC2.13', { account: CLOSED }),
  ownAccount: () => suture.arrange('EC2.13', { account: suture.context.securityAccount }),
  withoutRole: () => suture.arrange('EC2.13', { account: ACQUIRED }),
};

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  const names = Object.keys(ARRANGEMENTS) as (keyof typeof ARRANGEMENTS)[];
  const inputs: ControlFinding[] = [];
  for (const name of names) inputs.push(await ARRANGEMENTS[name]());
  const results = await suture.process(...inputs);
  findings = Object.fromEntries(names.map((name, n) => [name, inputs[n]])) as typeof findings;
  traces = Object.fromEntries(names.map((name, n) => [name, results[n]])) as typeof traces;
});
afterAll(() => suture.sandbox.close());

const onlyLine = async (finding: ControlFinding) => {
  const lines = await suture.history(finding.Id);
  expect(lines).toHaveLength(1);
  return lines[0]!;
};
const rolesIn = (account: string, { execution }: Trace) => [
  ...new Set(
    suture
      .callsOf(execution!.arn)
      .filter((call) => call.account === account)
      .map(({ role }) => role),
  ),
];

describe('an open port', () => {
  it('is closed, and nothing else of the group changes', async () => {
    expect(traces.openPort).toMatchObject({ route: 'remediate', outcome: 'FIXED', remediation: CLOSE_PORTS });
    expect(await suture.inbound(findings.openPort)).toEqual([HTTPS]);
  });
  it('takes at most six states, and seven calls in the member account, all by the member role', () => {
    expect(traces.openPort.execution).toMatchObject({
      status: 'SUCCEEDED',
      path: REMEDIATION_PATH,
      transitions: REMEDIATION_PATH.length,
    });
    expect(REMEDIATION_PATH.length).toBeLessThanOrEqual(6);
    expect(suture.callsOf(traces.openPort.execution!.arn).length).toBeLessThanOrEqual(7);
    expect(rolesIn(SHOP, traces.openPort)).toEqual([`arn:aws:iam::${SHOP}:role/suture/suture-member`]);
  });
  it('is written in a session that may change only this group', () => {
    const written = traces.openPort.calls.filter(({ action }) => action === 'ec2:RevokeSecurityGroupIngress');
    expect(written.map(({ resource, decision }) => [resource, decision])).toEqual([
      [findings.openPort.Resources[0]!.Id, 'Allow'],
    ]);
  });
  it('is recorded in the journal with the state before it', async () => {
    expect(await suture.journal(CLOSE_PORTS, findings.openPort)).toMatchObject([
      {
        status: 'done',
        execution: traces.openPort.execution!.arn,
        before: { publicRules: [{ from: 22 }, { from: 443 }] },
        after: { publicRules: [{ from: 443 }] },
      },
    ]);
  });
  it('is recorded in the ledger with the states before and after', async () => {
    const { outcome, job } = await onlyLine(findings.openPort);
    expect(outcome).toBe('FIXED');
    expect(job.result).toMatchObject({
      kind: 'fixed',
      before: { publicRules: [{ from: 22 }, { from: 443 }] },
      after: { publicRules: [{ from: 443 }] },
    });
    expect(job.result).toMatchObject({ summary: expect.stringContaining(SSH) });
  });
  it('is NOTIFIED with a note that names the remediation, the result, and who resolves the finding', () => {
    expect(suture.securityHub(findings.openPort)).toEqual({
      status: 'NOTIFIED',
      note: `Suture, ${CLOSE_PORTS}: fixed and verified. Security Hub resolves the finding when it evaluates the control again.`,
    });
  });
  it('is counted as fixed', () => {
    expect(suture.metrics('Reported')).toContainEqual(expect.objectContaining({ Outcome: 'FIXED', Reported: 1 }));
  });
});

describe('an open port under the generator id of a single standard', () => {
  it('is closed, too', async () => {
    expect(traces.byStandard).toMatchObject({ control: 'EC2.13', outcome: 'FIXED' });
    expect(await suture.inbound(findings.byStandard)).toEqual([HTTPS]);
  });
});

describe('an account setting of another account and Region', () => {
  it('is changed only there', async () => {
    expect(traces.unencrypted).toMatchObject({
      outcome: 'FIXED',
      before: { encrypted: false },
      after: { encrypted: true },
    });
    expect(await suture.encryptsVolumes(DATA, 'eu-west-1')).toBe(true);
    expect(await suture.encryptsVolumes(DATA, 'us-east-1')).toBe(false);
    expect(await suture.encryptsVolumes(SHOP, 'eu-west-1')).toBe(false);
  });
  it('is journalled in the home Region and NOTIFIED', async () => {
    expect(await suture.journal(ENCRYPT, findings.unencrypted)).toMatchObject([
      { status: 'done', before: { encrypted: false } },
    ]);
    expect(suture.securityHub(findings.unencrypted).status).toBe('NOTIFIED');
  });
});

describe('a control that policy observes', () => {
  it('is planned, with the states before and after', () => {
    expect(traces.observed).toMatchObject({
      route: 'remediate',
      outcome: 'PLANNED',
      before: { publicRules: [{ from: 3389 }, { from: 443 }] },
      after: { publicRules: [{ from: 443 }] },
    });
  });
  it('changes neither the group nor the journal nor the finding', async () => {
    expect(await suture.inbound(findings.observed)).toEqual([RDP, HTTPS].sort());
    expect(await suture.journal(CLOSE_PORTS, findings.observed)).toEqual([]);
    expect(suture.securityHub(findings.observed)).toEqual({ status: 'NEW', note: undefined });
  });
  it('is recorded in the ledger', async () => {
    expect((await onlyLine(findings.observed)).outcome).toBe('PLANNED');
  });
});

describe('a suppressed finding', () => {
  it('is SUPPRESSED with a note that names rule, reason, owner and expiry', () => {
    const { id, reason, owner, expires } = TEST_POLICY.suppressions[0]!;
    const { status, note } = suture.securityHub(findings.suppressed);
    expect(status).toBe('SUPPRESSED');
    for (const part of [id, reason, owner, expires]) expect(note).toContain(part);
  });
  it('leaves its resource unchanged, without a call in the account', async () => {
    expect(await suture.inbound(findings.suppressed)).toContain(SSH);
    expect(traces.suppressed.calls).toEqual([]);
  });
  it('takes three states and is recorded in the ledger', async () => {
    expect(traces.suppressed.execution).toMatchObject({
      status: 'SUCCEEDED',
      path: ['Triage', 'Route', 'Archive'],
      transitions: 3,
    });
    expect((await onlyLine(findings.suppressed)).outcome).toBe('ARCHIVED');
  });
  it('keeps its execution waiting until Security Hub accepts the update', async () => {
    const statuses: string[] = [];
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    const [trace] = await suture.withFaults(
      [
        ({ operation }) => {
          if (operation === 'BatchUpdateFindings') statuses.push(lastStarted().status);
          return operation === 'BatchUpdateFindings' && statuses.length === 1 ? { kind: 'dropBefore' } : undefined;
        },
      ],
      () => suture.process(finding),
    );
    expect(statuses).toEqual(['RUNNING', 'RUNNING']);
    expect(trace.execution!.status).toBe('SUCCEEDED');
  });
  it('that Security Hub does not know fails in Archive, with the error of Security Hub', async () => {
    const finding = await suture.arrange('EC2.13', { account: TRAINING });
    suture.emit([finding]);
    await suture.sandbox.settled();
    expect(lastStarted()).toMatchObject({
      status: 'FAILED',
      error: 'FindingUpdateRefused',
      cause: expect.stringContaining('Finding Not Found'),
      path: ['Triage', 'Route', 'Archive'],
    });
  });
});

describe('a compliant resource', () => {
  it('is COMPLIANT, unchanged and NOTIFIED', async () => {
    expect(traces.restricted).toMatchObject({ route: 'remediate', outcome: 'COMPLIANT' });
    expect(await suture.inbound(findings.restricted)).toContain('tcp 22 from 10.0.0.0/8');
    expect(traces.restricted.calls.map(({ action }) => action)).not.toContain('ec2:RevokeSecurityGroupIngress');
    expect(suture.securityHub(findings.restricted)).toMatchObject({
      status: 'NOTIFIED',
      note: expect.stringContaining('already as it should be'),
    });
    expect((await onlyLine(findings.restricted)).outcome).toBe('COMPLIANT');
  });
});

describe('a finding that passed', () => {
  it('matches no rule and leaves no record', async () => {
    expect(traces.passed).toMatchObject({
      route: 'ignore',
      reason: 'no rule lets this finding through',
      execution: null,
    });
    expect(await suture.history(findings.passed.Id)).toEqual([]);
    expect(await suture.inbound(findings.passed)).toContain(SSH);
  });
});

describe('a forged finding, or one of an excluded account', () => {
  const REASONS = {
    forged: `is of account ${DATA}, AwsAccountId is ${SHOP}`,
    closed: `account ${CLOSED} is SUSPENDED`,
    ownAccount: 'account 111111111111 is excluded',
  };
  it.each(Object.entries(REASONS))('%s: is rejected before any AssumeRole, with the reason', async (name, reason) => {
    const trace = traces[name as keyof typeof REASONS];
    expect(trace).toMatchObject({ route: 'reject', reason: expect.stringContaining(reason), outcome: null });
    expect(trace.execution!.path).toEqual(['Triage', 'Route', 'Record']);
    expect(suture.callsOf(trace.execution!.arn)).toEqual([]);
  });
  it.each(Object.entries(REASONS))(
    '%s: is recorded in the ledger, stays NEW, and its resource is unchanged',
    async (name, reason) => {
      const finding = findings[name as keyof typeof REASONS];
      const { outcome, job } = await onlyLine(finding);
      expect([outcome, job.reason]).toEqual(['REJECTED', expect.stringContaining(reason)]);
      expect(suture.securityHub(finding)).toEqual({ status: 'NEW', note: undefined });
      const owner = finding.Resources[0]!.Id.split(':')[4]!;
      expect(await suture.inbound({ ...finding, AwsAccountId: owner })).toContain(SSH);
    },
  );
  it('is counted as rejected', () => {
    expect(suture.metrics('Triaged').filter(({ Route }) => Route === 'reject')).toHaveLength(3);
  });
});

describe('a control without remediation', () => {
  it('matches no rule', async () => {
    const known = await suture.arrange('EC2.13');
    const finding = suture.finding('EC2.9999', known.Resources[0]!);
    const [trace] = await suture.process(finding);
    expect(trace).toMatchObject({ route: 'ignore', reason: 'no rule lets this finding through', execution: null });
  });
});

describe('an account without the member role', () => {
  it('fails in state Remediate with MemberRoleUnavailable', () => {
    expect(traces.withoutRole.execution).toMatchObject({
      status: 'FAILED',
      path: ['Triage', 'Route', 'Remediate'],
      transitions: 3,
      error: { name: 'MemberRoleUnavailable' },
    });
  });
  it("quotes AWS's message, the role, the likely causes in order and what to do", () => {
    const role = `arn:aws:iam::${ACQUIRED}:role/suture/suture-member`;
    const lines = traces.withoutRole.reason.split('\n');
    expect(lines[0]).toContain(`is not authorized to perform: sts:AssumeRole on resource: ${role}`);
    expect(lines[1]).toContain(role);
    expect(lines[2]).toBe(
      `1. The role does not exist: let the StackSet of SutureOrgRollout reach ${ACQUIRED} (npm run -s suture -- rollout, in a clone of the repository, where it lacks this release), or deploy the member role's stack there.`,
    );
    expect(lines.at(-1)).toMatch(
      /^Then replay it: suture replay --failed --error MemberRoleUnavailable --account \d{12} --reason "…"$/,
    );
  });
  it('stays NEW and faulty', async () => {
    expect(suture.securityHub(findings.withoutRole)).toEqual({ status: 'NEW', note: undefined });
    expect(await suture.inbound(findings.withoutRole)).toContain(SSH);
  });
  it('is fixed by a redrive, which resumes in Remediate, after the role exists', async () => {
    await moveAccount(suture, ACQUIRED);
    const execution = await suture.redrive(traces.withoutRole.execution!.arn);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', path: REMEDIATION_PATH });
    expect(await suture.inbound(findings.withoutRole)).toEqual([HTTPS]);
    expect((await onlyLine(findings.withoutRole)).outcome).toBe('FIXED');
    expect(suture.securityHub(findings.withoutRole).status).toBe('NOTIFIED');
  });
});

const lastStarted = () => suture.execution(deliveries(suture.kernel).findLast(({ result }) => result)!.result!);
