/** A finding that failed because somebody changed a role or a function of Suture: its causes lead there. */
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionConcurrencyCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { showCommand } from '../../cli/commands/show.ts';
import { triageCommand } from '../../cli/commands/triage.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto' } });
});
afterAll(() => suture.sandbox.close());

async function withDenial<R>(account: string, RoleName: string, Action: string, work: () => Promise<R>): Promise<R> {
  const iam = new IAMClient(suture.sandbox.administrator(account));
  const Statement = [{ Effect: 'Deny', Action, Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'maintenance', PolicyDocument }));
  const result = await work();
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'maintenance' }));
  return result;
}

/** Returns what people see of a finding that fails meanwhile, and fixes it at the end. */
async function failedFinding() {
  const finding = await suture.arrange('EC2.13');
  await suture.kernel.clock.advance(61_000);
  const [trace] = await suture.process(finding);
  const shown = `${await showCommand(finding.Id, { ...testOperator(suture), json: false })}`;
  const triage = JSON.parse((await triageCommand({ ...testOperator(suture), json: true })).text);
  return { trace, triage, shown: shown.replaceAll(/\s+/g, ' ') };
}

it.each([
  ['suture-triage', 'dynamodb:GetItem', 'AccessDeniedException', 'Triage'],
  ['suture-triage', 'appconfig:*', 'PolicyUnavailable', 'Triage'],
  ['suture-report', 'dynamodb:*', 'AccessDeniedException', 'Report'],
  ['suture-invoker', 'lambda:InvokeFunction', 'ConfigurationInvalid', 'Remediate'],
])('%s with a foreign policy that denies %s: %s in %s', async (role, action, error, state) => {
  const { securityAccount, serviceAccount } = suture.context;
  const account = role === 'suture-invoker' ? serviceAccount : securityAccount;
  const { trace, triage, shown } = await withDenial(account, role, action, failedFinding);
  expect(trace!.execution).toMatchObject({ status: 'FAILED', error: { name: error } });
  expect(trace!.execution!.path.at(-1)).toBe(state);
  expect(shown).toContain(`1. Somebody put a policy that denies on the role ${role}`);
  expect(shown).toContain(`aws iam list-role-policies --role-name ${role}`);
  expect(shown).not.toMatch(/AWS refuses the change|unsigned-requests|suture exempt|AppConfig profile/);
  expect(triage.commands).toEqual([expect.stringContaining('suture replay'), expect.stringContaining('suture show')]);
  if (error === 'PolicyUnavailable')
    expect(shown).toContain('suture-triage is denied it with an explicit deny in an identity-based policy');
  await suture.redrive(trace!.execution!.arn);
});

it('suture-report with a concurrency of 0: the causes lead to doctor', async () => {
  const lambda = new LambdaClient(suture.sandbox.administrator(suture.context.securityAccount));
  const FunctionName = 'suture-report';
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
  const { trace, triage, shown } = await failedFinding();
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  expect(trace!.execution).toMatchObject({ status: 'FAILED', error: { name: 'Lambda.TooManyRequestsException' } });
  expect(shown).toContain('1. Somebody reserved no concurrency for the function suture-report, so that it may not run');
  expect(shown).toContain('suture doctor');
  expect(triage.commands.join()).not.toContain('exempt');
});
