/** A role that somebody deletes and creates again has its old ARN and another unique id. Suture keeps working. */
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

/** Function instances and sessions have new credentials after this time. */
const CREDENTIALS_MS = 13 * 3_600_000;

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
});
afterAll(() => suture.sandbox.close());

const security = () => suture.context.securityAccount;
const service = () => suture.context.serviceAccount;

async function createAgain(account: string, RoleName: string): Promise<void> {
  const iam = new IAMClient(suture.sandbox.administrator(account));
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies: { PolicyName: string; PolicyDocument: string }[] = [];
  for (const PolicyName of PolicyNames) {
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    policies.push({ PolicyName, PolicyDocument: decodeURIComponent(PolicyDocument!) });
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
  const { Path, Description, Tags, AssumeRolePolicyDocument, MaxSessionDuration } = Role!;
  const { Role: created } = await iam.send(
    new CreateRoleCommand({
      ...{ RoleName, Path, Description, Tags, MaxSessionDuration },
      AssumeRolePolicyDocument: decodeURIComponent(AssumeRolePolicyDocument!),
    }),
  );
  for (const policy of policies) await iam.send(new PutRolePolicyCommand({ RoleName, ...policy }));
  expect(created!.Arn).toBe(Role!.Arn);
  expect(created!.RoleId).not.toBe(Role!.RoleId);
}

async function expectFix() {
  const finding = await suture.arrange('EC2.13');
  const [trace] = await suture.process(finding);
  expect(trace.execution).toMatchObject({ status: 'SUCCEEDED' });
  expect(await suture.inbound(finding)).toEqual(['tcp 443 from 0.0.0.0/0']);
  expect(suture.securityHub(finding).status).toBe('NOTIFIED');
}

describe('the pipeline works', () => {
  it.each<[string, () => string, string]>([
    ["the proxy's role", security, 'suture-proxy'],
    ["the workflow's role", security, 'suture-remediate-finding'],
    ["triage's role", security, 'suture-triage'],
    ["the rules' role", security, 'suture-finding-rules'],
    ["the remediation's role", service, 'suture-ec2-close-admin-ports'],
    ['the invoker role', service, 'suture-invoker'],
  ])('after %s was deleted and created again', async (_, account, role) => {
    await expectFix();
    await createAgain(account(), role);
    await suture.kernel.clock.advance(CREDENTIALS_MS);
    await expectFix();
  });

  it('at once after the invoker role was created again: the cached session of the old one is replaced', async () => {
    await expectFix();
    await createAgain(service(), 'suture-invoker');
    await expectFix();
  });

  it('with one session of the invoker role for many invocations', async () => {
    const opened = () =>
      suture.kernel.calls.filter(({ operation, role }) => operation === 'AssumeRole' && role?.endsWith('/suture-proxy'))
        .length;
    await suture.kernel.clock.advance(CREDENTIALS_MS);
    await expectFix();
    const before = opened();
    for (let n = 0; n < 3; n++) await expectFix();
    expect(opened() - before).toBe(0);
  });
});
