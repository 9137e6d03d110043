/** Rollback functions are separate: only their roles, under a path of their own, have the actions that a fix does not need. */
import { DisableKeyRotationCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { memberRoleArn } from '../../stacks/names.ts';
import {
  EXECUTION_ROLE_PATH,
  executionRoleName,
  ROLLBACK_ROLE_PATH,
  remediationFunctionName,
  rollbackFunctionName,
} from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const ROTATE = 'kms/rotate-keys';
/** A control of each remediation with a rollback function. */
const CONTROLS = ['KMS.4', 'EC2.7', 'IAM.15', 'EC2.2'];
const DENIED = { name: expect.stringMatching(/^AccessDenied(Exception)?$/) };
const TAGS = [
  { Key: 'suture:remediation', Value: ROTATE },
  { Key: 'suture:finding', Value: 'finding' },
  { Key: 'suture:execution', Value: 'execution' },
];
const ROLLBACK_TAGS = [...TAGS, { Key: 'suture:rollback', Value: ROTATE }];

let suture: Pipeline;
let key: ControlFinding;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  await suture.setPolicy({
    ...TEST_POLICY,
    controls: Object.fromEntries(CONTROLS.map((control) => [control, 'auto'])),
  });
  key = await suture.arrange('KMS.4');
});
afterAll(() => suture.sandbox.close());

const fixer = () => suture.asServiceFunction(EXECUTION_ROLE_PATH, executionRoleName(ROTATE));
const undoer = () => suture.asServiceFunction(ROLLBACK_ROLE_PATH, rollbackFunctionName(ROTATE));

/** Opens a session without a session policy, as a thief of the role's credentials does. */
async function session(as: ClientSettings, overrides: Partial<AssumeRoleCommandInput> = {}): Promise<ClientSettings> {
  const { Credentials } = await new STSClient(as).send(
    new AssumeRoleCommand({
      RoleArn: memberRoleArn(suture.context, SHOP),
      RoleSessionName: 'thief',
      SourceIdentity: sourceIdentity('execution'),
      ExternalId: suture.context.externalId,
      Tags: TAGS,
      ...overrides,
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  return { ...suture.sandbox.administrator(SHOP), credentials };
}
const disable = (settings: ClientSettings) =>
  new KMSClient(settings).send(new DisableKeyRotationCommand({ KeyId: key.Resources[0]!.Id }));

describe("a thief of the fixing function's credentials", () => {
  it('cannot undo: the member role requires the rollback tag', async () => {
    await expect(disable(await session(fixer()))).rejects.toMatchObject(DENIED);
  });

  it('cannot tag a session as a rollback', async () => {
    await expect(session(fixer(), { Tags: ROLLBACK_TAGS })).rejects.toMatchObject(DENIED);
  });
});

describe("a thief of the rollback function's credentials", () => {
  it('can undo changes of this remediation', async () => {
    expect(await disable(await session(undoer(), { Tags: ROLLBACK_TAGS }))).toBeDefined();
  });

  it('cannot open a session without the tag, or with the tag of another remediation', async () => {
    await expect(session(undoer())).rejects.toMatchObject(DENIED);
    const others = [...TAGS, { Key: 'suture:rollback', Value: 'ec2/encrypt-ebs-by-default' }];
    await expect(session(undoer(), { Tags: others })).rejects.toMatchObject(DENIED);
  });
});

it('no role can open a session in another Region, where nobody watches events', async () => {
  await expect(session({ ...fixer(), region: 'ap-south-1' })).rejects.toMatchObject(DENIED);
});

describe('a rollback', () => {
  it.each(CONTROLS)('of %s is executed by the rollback function', async (control) => {
    const finding = await suture.arrange(control);
    const [fixed] = await suture.process(finding);
    expect(fixed.outcome).toBe('FIXED');
    const { text } = await rollbackCommand(finding.Id, { ...testOperator(suture), reason: 'a test' });
    await suture.sandbox.settled();
    const [result] = JSON.parse(text).results;
    expect(result).toMatchObject({ outcome: 'ROLLED_BACK' });
    const openers = suture.callsOf(result.execution).filter(({ operation }) => operation === 'AssumeRole');
    expect(openers.length).toBeGreaterThan(0);
    for (const { role } of openers) expect(role).toContain(ROLLBACK_ROLE_PATH);
  });

  it.each([
    [remediationFunctionName(ROTATE), 'rollback', /runs plan, apply, and was invoked for rollback/],
    [rollbackFunctionName(ROTATE), 'apply', /runs rollback, and was invoked for apply/],
  ])('and a fix have functions of their own: %s refuses %s', async (name, mode, message) => {
    const { homeRegion, serviceAccount } = suture.context;
    const request = {
      v: 3,
      mode,
      execution: 'arn:execution',
      started: '2026-03-03T09:10:00.000Z',
      finding: { id: 'f', productArn: 'p', control: 'KMS.4', account: SHOP, region: homeRegion, partition: 'aws' },
      target: { keyId: 'k' },
      params: {},
      policy: { mode: 'auto', tags: {} },
    };
    const { Payload } = await new LambdaClient(await suture.asInvoker()).send(
      new InvokeCommand({
        FunctionName: `arn:aws:lambda:${homeRegion}:${serviceAccount}:function:${name}`,
        Qualifier: 'live',
        Payload: new TextEncoder().encode(JSON.stringify(request)),
      }),
    );
    const { errorMessage } = JSON.parse(new TextDecoder().decode(Payload));
    expect(errorMessage).toMatch(message);
  });
});
