/** Doctor finds what somebody broke, says what to do, and can write nothing. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sutureApi } from '../../cli/clients/api.ts';
import { type DoctorOptions, doctorCommand } from '../../cli/commands/doctor.ts';
import type { DoctorResult } from '../../functions/domain/doctor.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { DOCTOR_FAULTS, deleteRole } from '../../lab/organization/doctor-faults.ts';
import { type RunningOrganization, runOrganization } from '../../lab/organization/organization.ts';
import { makeReady } from '../../lab/organization/ready.ts';
import { READ_VERBS } from '../../sandbox/kernel/service-facts.ts';
import { doctorRoleArn, memberRoleArn } from '../../stacks/names.ts';
import { MEMBER_DOCTOR_ROLE, MEMBER_ROLE } from '../support/names.ts';
import { createPerson } from '../support/people.ts';

const [SHOP, DATA, TRAINING, CLOSED] = ['333333333333', '444444444444', '555555555555', '777777777777'] as const;
const MEMBERS = [
  { id: SHOP, name: 'shop' },
  { id: DATA, name: 'data' },
  { id: TRAINING, name: 'training' },
  { id: CLOSED, name: 'closed', status: 'SUSPENDED' as const },
];

let organization: RunningOrganization;
let settings: ReturnType<RunningOrganization['sandbox']['administrator']>;

beforeAll(async () => {
  organization = await runOrganization(MEMBERS);
  await makeReady(organization, MEMBERS);
  settings = await (await createPerson(organization, 'vera'))('viewer');
});
afterAll(() => organization.sandbox.close());

type Diagnosis = { readonly results: DoctorResult[]; readonly problems: DoctorResult[]; readonly failed: boolean };

async function doctor(options: DoctorOptions = {}): Promise<Diagnosis> {
  const api = await sutureApi(new APIGatewayClient(settings));
  const answer = await doctorCommand({ ...options, api, json: true });
  if (typeof answer === 'string') throw new Error(answer);
  const { results } = JSON.parse(answer.text) as { results: DoctorResult[] };
  return { results, problems: results.filter(({ problem }) => problem !== undefined), failed: answer.failed };
}

const named = ({ check, where }: DoctorResult) => `${check} ${where}`;
const accountReader = () =>
  organization.sandbox.clientSettings(
    organization.sandbox.kernel.assumeForService(
      'lambda.amazonaws.com',
      doctorRoleArn(organization.context),
      'function',
    ),
  );

describe('doctor', () => {
  it('finds no problem in an organization that is ready, as a viewer, in every active account', async () => {
    const lines: string[] = [];
    const { results, problems, failed } = await doctor({ progress: (line) => lines.push(line) });
    expect(problems).toEqual([]);
    expect(failed).toBe(false);
    const accounts = results.filter(({ check }) => check === 'role-assumable').map(({ where }) => where);
    expect(accounts).toEqual([SHOP, DATA, TRAINING]);
    expect(lines).toContain('checking accounts 1 to 3 of 3');
  });

  it('only reads, apart from opening sessions', async () => {
    const { calls } = organization.sandbox.kernel;
    const first = calls.length;
    await doctor();
    const ours = calls
      .slice(first)
      .filter(({ principal }) => /suture-(account-|member-|rollout-)?doctor/.test(principal));
    expect(ours.length).toBeGreaterThan(50);
    const isRead = new RegExp(`^(${READ_VERBS.join('|')})`);
    const others = ours.filter(({ operation }) => !isRead.test(operation));
    expect(new Set(others.map(({ operation }) => operation))).toEqual(new Set(['AssumeRole']));
    expect(ours.filter(({ error }) => error !== null)).toEqual([]);
  });

  it('compares a role over accounts with that of one account', async () => {
    const roleIn = (account: string, trusted: string) =>
      new IAMClient(organization.sandbox.administrator(account)).send(
        new CreateRoleCommand({
          RoleName: 'PlatformDeploy',
          AssumeRolePolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { AWS: trusted }, Action: 'sts:AssumeRole' }],
          }),
        }),
      );
    await roleIn(SHOP, `arn:aws:iam::${SHOP}:root`);
    await roleIn(DATA, `arn:aws:iam::${TRAINING}:root`);
    const { problems, failed } = await doctor({ role: 'PlatformDeploy', reference: SHOP });
    expect(failed).toBe(true);
    expect(problems.map(({ where, problem }) => [where, problem])).toEqual([
      [DATA, `the role PlatformDeploy differs from that of ${SHOP}`],
      [TRAINING, 'there is no role PlatformDeploy'],
    ]);
    expect(problems[0]!.lines).toEqual([
      `+ trust: Allow sts:AssumeRole by AWS arn:aws:iam::${TRAINING}:root`,
      '- trust: Allow sts:AssumeRole by AWS arn:aws:iam::{account}:root',
    ]);
  });
});

describe('the credentials of doctor', () => {
  it('open a session of the member role in which nothing is allowed, even without a session policy', async () => {
    const { context } = organization;
    const { Credentials } = await new STSClient(accountReader()).send(
      new AssumeRoleCommand({
        RoleArn: memberRoleArn(context, SHOP),
        RoleSessionName: 'thief',
        SourceIdentity: sourceIdentity('thief'),
        ExternalId: context.externalId,
        Tags: [{ Key: 'suture:remediation', Value: 'doctor' }],
      }),
    );
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    const { EC2Client, DescribeSecurityGroupsCommand } = await import('@aws-sdk/client-ec2');
    const ec2 = new EC2Client({ ...organization.sandbox.administrator(SHOP), credentials });
    await expect(ec2.send(new DescribeSecurityGroupsCommand({}))).rejects.toThrow(/not authorized/);
  });

  it('open no session of the member role as a remediation', async () => {
    const { context } = organization;
    const asRemediation = new AssumeRoleCommand({
      RoleArn: memberRoleArn(context, SHOP),
      RoleSessionName: 'thief',
      SourceIdentity: sourceIdentity('thief'),
      ExternalId: context.externalId,
      Tags: [{ Key: 'suture:remediation', Value: 'ec2/close-admin-ports' }],
    });
    await expect(new STSClient(accountReader()).send(asRemediation)).rejects.toThrow(/not authorized/);
  });

  it("are the only ones that the doctor's role in member accounts trusts", async () => {
    const { context, sandbox } = organization;
    const asAdministrator = new STSClient(sandbox.administrator(context.serviceAccount));
    const RoleArn = memberRoleArn(context, SHOP, MEMBER_DOCTOR_ROLE);
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'reader', ExternalId: context.externalId });
    await expect(asAdministrator.send(command)).rejects.toThrow(/not authorized/);
    await expect(new STSClient(accountReader()).send(command)).resolves.toHaveProperty('Credentials');
  });
});

/** Planted one after the other: each run finds what the earlier ones found, and the new fault alone. */
describe('doctor finds each planted fault and nothing else', () => {
  const known = new Set<string>();

  it.each(DOCTOR_FAULTS.map((fault) => [fault.name, fault] as const))('%s', async (_, fault) => {
    await fault.plant(organization);
    const { problems, failed } = await doctor();
    expect(failed).toBe(true);
    const found = new Set(problems.map(named));
    const fresh = [...found].filter((each) => !known.has(each)).sort();
    for (const each of found) known.add(each);
    expect(fresh).toEqual([...fault.expected(organization)].sort());
    for (const { remedy } of problems) expect(remedy).toMatch(/\S/);
  });

  it('is tested with at least twelve', () => expect(DOCTOR_FAULTS.length).toBeGreaterThanOrEqual(12));

  it('a role that somebody deleted, as opposed to one that refuses', async () => {
    await deleteRole(organization, SHOP, MEMBER_ROLE);
    const { problems } = await doctor({ account: [SHOP] });
    expect(problems.filter(({ check }) => check === 'role-exists').map(({ problem }) => problem)).toEqual([
      "the role suture-member does not exist, although the doctor's does: somebody deleted it",
    ]);
  });
});
