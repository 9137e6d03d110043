/** A thief can change the journal, but not the locked copy of the state before. */
import { readFile } from 'node:fs/promises';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, PutItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { type RollbackReport, rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { copiesBucket } from '../../stacks/names.ts';
import {
  EXECUTION_ROLE_PATH,
  executionRoleName,
  JOURNAL_TABLE,
  ROLLBACK_ROLE_PATH,
  rollbackFunctionName,
} from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const CLOSE_PORTS = 'ec2/close-admin-ports';
const ENCRYPT = 'ec2/encrypt-ebs-by-default';
const DENIED = { name: expect.stringMatching(/^AccessDenied(Exception)?$/) };

let suture: Pipeline;
let Bucket: string;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  Bucket = copiesBucket(suture.context);
});
afterAll(() => suture.sandbox.close());

const thief = (id = CLOSE_PORTS) => suture.asServiceFunction(EXECUTION_ROLE_PATH, executionRoleName(id));
const administrator = () => suture.sandbox.administrator(suture.context.serviceAccount);
const s3 = (settings: ClientSettings) => new S3Client(settings);
const bucketCalls = () =>
  suture.kernel.calls.filter(
    ({ service, role }) => service === 's3' && role?.includes(EXECUTION_ROLE_PATH.slice(0, -1)),
  );

async function fixed(): Promise<ControlFinding> {
  const finding = await suture.arrange('EC2.13');
  const [trace] = await suture.process(finding);
  expect(trace.outcome).toBe('FIXED');
  return finding;
}
/** Runs the runbook's search of the logs of all remediations, with its prefix and its text. */
async function runbookSearch() {
  const page = await readFile('docs/runbook.md', 'utf8');
  const [, logGroupNamePrefix] = /--log-group-name-prefix (\S+)/.exec(page)!;
  const [, filterPattern] = /--filter-pattern '("the journal[^']*)'/.exec(page)!;
  const logs = new CloudWatchLogsClient(administrator());
  const found: { readonly group: string; readonly event: { finding: string; execution: string } }[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix }))
    for (const { logGroupName } of logGroups) {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }));
      found.push(...events.map(({ message }) => ({ group: logGroupName!, event: JSON.parse(message!) })));
    }
  return { events: found.map(({ event }) => event), group: found[0]?.group };
}
async function rollback(finding: ControlFinding): Promise<RollbackReport> {
  const { text } = await rollbackCommand(finding.Id, { ...testOperator(suture), reason: 'a test' });
  await suture.sandbox.settled();
  return JSON.parse(text);
}
async function versions(Prefix = `${CLOSE_PORTS}/`) {
  const { Versions = [] } = await s3(thief()).send(new ListObjectVersionsCommand({ Bucket, Prefix }));
  return Versions;
}

describe('the state before a change', () => {
  it('is copied by one more call for each change, and by none for a plan', async () => {
    const before = bucketCalls().length;
    await fixed();
    expect(bucketCalls().slice(before)).toMatchObject([{ operation: 'PutObject', error: null }]);
    const planned = await suture.arrange('EC2.14');
    await suture.process(planned);
    expect(bucketCalls()).toHaveLength(before + 1);
  });

  it('is read by a rollback, whose function cannot write copies', async () => {
    const finding = await fixed();
    expect((await rollback(finding)).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
    const undoer = s3(suture.asServiceFunction(ROLLBACK_ROLE_PATH, rollbackFunctionName(ENCRYPT)));
    const put = new PutObjectCommand({ Bucket, Key: `${ENCRYPT}/a`, Body: '{}', IfNoneMatch: '*' });
    await expect(undoer.send(put)).rejects.toMatchObject(DENIED);
  });

  it('survives a change of the table, which a rollback refuses and which raises the alarm', async () => {
    const finding = await fixed();
    const dynamo = new DynamoDBClient(thief());
    const [entry] = await suture.journal(CLOSE_PORTS, finding);
    const Key = { pk: { S: entry!.key }, sk: { S: entry!.at } };
    const { status: _, ...kept } = entry!;
    const forged = { ...kept, before: { publicRules: [{ protocol: '-1', from: -1, to: -1, cidr: '0.0.0.0/0' }] } };
    await dynamo.send(
      new UpdateItemCommand({
        TableName: JOURNAL_TABLE,
        Key,
        UpdateExpression: 'SET entry = :entry',
        ExpressionAttributeValues: { ':entry': { S: JSON.stringify(forged) } },
      }),
    );
    const rules = await suture.inbound(finding);
    const { results } = await rollback(finding);
    expect(results).toMatchObject([
      { outcome: 'REFUSED', why: expect.stringContaining('somebody changed the journal') },
    ]);
    expect(await suture.inbound(finding)).toEqual(rules);
    expect(suture.metrics('JournalDiffers')).toHaveLength(1);
    const { events, group } = await runbookSearch();
    expect(group).toMatch(/^\/aws\/lambda\/suture-remediation-ec2-close-admin-ports/);
    expect(events).toMatchObject([{ finding: finding.Id, execution: expect.any(String) }]);
    expect(await showCommand(events[0]!.execution, { ...testOperator(suture), json: false })).toContain('EC2.13');
    const shown = await showCommand(finding.Id, { ...testOperator(suture), json: false });
    expect(shown).toMatch(/^Fixed .* the last rollback was refused .*: somebody changed the journal: /m);
    expect(shown).toMatch(/^Next: do not undo it by Suture: .*docs\/runbook.md#journal-differs$/m);
  });
});

it('loses the sessions that the command of the runbook revokes', async () => {
  const page = await readFile('docs/runbook.md', 'utf8');
  const [, RoleName, PolicyName, document] =
    /put-role-policy --role-name (\S+) --policy-name (\S+) --policy-document '(.*)'$/m.exec(page)!;
  const now = new Date(suture.kernel.clock.now() + 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const PolicyDocument = document!.replace(`'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'`, now);
  const iam = new IAMClient(administrator());
  const dynamo = new DynamoDBClient(thief());
  const read = () => dynamo.send(new ScanCommand({ TableName: JOURNAL_TABLE, Limit: 1 }));
  const before = await read().catch(({ message }) => message);
  expect(`${RoleName} ${JSON.stringify(before)}`).not.toContain('explicit deny in an identity');
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('explicit deny') });
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
});

/** The thief knows an execution that waits for approval, because it planned in the thief's function. */
it('an entry that a thief writes for a waiting execution is neither shown, copied, nor restored', async () => {
  const approving = { controls: { 'EC2.13': 'approve' }, approvals: { hours: 4 } };
  await suture.setPolicy({ ...TEST_POLICY, suppressions: [], ...approving });
  const finding = await suture.arrange('EC2.13');
  const [{ execution, outcome }] = await suture.process(finding);
  expect(outcome).toBe('WAITING');
  const rules = await suture.inbound(finding);
  const id = hash(execution!.arn);
  const signIn = await createPerson(suture, 'grace');
  const approver = await approvalApi(new APIGatewayClient(await signIn('approver')));
  const { after } = await approver.show(id);
  await plant(
    finding,
    execution!.arn,
    { publicRules: [{ protocol: 'tcp', from: 0, to: 65535, cidr: '0.0.0.0/0' }] },
    after,
  );
  await approver.answer(id, { answer: 'approve' });
  await suture.sandbox.settled();
  const line = (await suture.history(finding.Id)).at(-1)!;
  expect([line.outcome, JSON.stringify(line.job.result)]).toEqual(['FIXED', expect.not.stringContaining('65535')]);
  expect((await rollback(finding)).results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
  expect(await suture.inbound(finding)).toEqual(rules);
});

/** Writes an unfinished change with a state before of the thief's own. */
async function plant({ Resources }: ControlFinding, execution: string, before: unknown, after: unknown) {
  const target = Resources[0]!.Id;
  const [, partition, , region, account] = target.split(':');
  const [key, at] = [[CLOSE_PORTS, account, region, target].join('#'), '2026-03-03T00:00:00.000Z'];
  const change = { partition, account, region, target, params: {}, version: 1, execution, before, after };
  const entry = { v: 3, key, at, ...change, targets: [{ groupId: target.split('/')[1] }], note: '' };
  const Item = { pk: { S: key }, sk: { S: at }, status: { S: 'open' }, entry: { S: JSON.stringify(entry) } };
  await new DynamoDBClient(thief()).send(new PutItemCommand({ TableName: JOURNAL_TABLE, Item }));
}

describe('a copy', () => {
  let Key: string;
  beforeAll(async () => {
    await suture.setPolicy(TEST_POLICY);
    await fixed();
    Key = (await versions())[0]!.Key!;
  });

  const put = (settings: ClientSettings, more: object = {}) =>
    s3(settings).send(new PutObjectCommand({ Bucket, Key, Body: '{}', IfNoneMatch: '*', ...more }));
  const attacks: Readonly<Record<string, readonly [() => Promise<unknown>, object]>> = {
    'replaced by a thief of the role': [() => put(thief()), { name: 'PreconditionFailed' }],
    'replaced without the condition': [() => put(thief(), { IfNoneMatch: undefined }), DENIED],
    'written by another remediation': [() => put(thief(ENCRYPT), { Key: `${Key}-more` }), DENIED],
    'read by another remediation': [
      async () =>
        s3(thief(ENCRYPT)).send(new GetObjectCommand({ Bucket, Key, VersionId: (await versions(Key))[0]!.VersionId! })),
      DENIED,
    ],
    'written by an administrator of the account': [() => put(administrator(), { Key: `${Key}-more` }), DENIED],
    'hidden by a delete marker': [() => s3(administrator()).send(new DeleteObjectCommand({ Bucket, Key })), DENIED],
    'deleted by a thief': [
      async () =>
        s3(thief()).send(new DeleteObjectCommand({ Bucket, Key, VersionId: (await versions(Key))[0]!.VersionId! })),
      DENIED,
    ],
  };
  it.each(Object.entries(attacks))('cannot be %s', async (_, [attack, error]) => {
    await expect(attack()).rejects.toMatchObject(error);
  });

  it('cannot be deleted even by an administrator who replaces the bucket policy', async () => {
    const { VersionId } = (await versions(Key))[0]!;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: suture.context.serviceAccount },
          Action: 's3:*',
          Resource: `arn:aws:s3:::${Bucket}/*`,
        },
      ],
    });
    await s3(administrator()).send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const remove = new DeleteObjectCommand({ Bucket, Key, VersionId: VersionId! });
    await expect(s3(administrator()).send(remove)).rejects.toMatchObject(DENIED);
  });
});
