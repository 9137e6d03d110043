/** The optional audit chain: it has every change of the ledger, nobody can replace a link, and a changed copy is recognized. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteFunctionConcurrencyCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { auditVerifyCommand } from '../../cli/commands/audit/verify.ts';
import type { AuditLine } from '../../functions/domain/audit-chain.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { startPlaces } from '../../lab/organization/optional-stacks.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { auditBucket } from '../../stacks/names.ts';
import { functionName, LEDGER_TABLE } from '../support/names.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FunctionName = functionName('audit-trail');
const DENIED = { name: expect.stringMatching(/^AccessDenied(Exception)?$/) };
/** As the stack's filter. */
const AUDITED = /^(finding#|audit#|stop|approvals|circuit|policy|proposals|ip-ranges)/;

let suture: Pipeline;
let places: Awaited<ReturnType<typeof startPlaces>>;
let Bucket: string;
beforeAll(async () => {
  places = await startPlaces();
  suture = await startPipeline(places.options);
  Bucket = auditBucket(suture.context);
});
afterAll(async () => {
  await suture.sandbox.close();
  await places.close();
});

/** Over HTTP, because bodies are streams. */
const s3 = ({ requestHandler: _, ...settings }: ClientSettings = suture.securityAdministrator()) =>
  new S3Client(settings);

const COPIES: string[] = [];
afterEach(async () => {
  for (const copy of COPIES.splice(0)) await rm(copy, { recursive: true });
});

/** As `aws s3 sync` does. */
async function copyOfChain(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'suture-chain-'));
  COPIES.push(directory);
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) {
    const { Body } = await s3().send(new GetObjectCommand({ Bucket, Key: Key! }));
    await mkdir(dirname(join(directory, Key!)), { recursive: true });
    await writeFile(join(directory, Key!), await Body!.transformToString());
  }
  return directory;
}
const verify = async (directory: string, head?: string) => {
  const now = () => suture.kernel.clock.now();
  const { text, failed } = await auditVerifyCommand(directory, { json: true, now, ...(head && { head }) });
  return { ...JSON.parse(text), failed };
};
const linksIn = async (directory: string) => {
  const names = (await readdir(join(directory, 'chain'))).sort().reverse();
  return names.map((name) => join(directory, 'chain', name));
};
async function linesIn(directory: string): Promise<AuditLine[]> {
  const texts = await Promise.all((await linksIn(directory)).map((file) => readFile(file, 'utf8')));
  return texts.flatMap((text) => JSON.parse(text).lines);
}

async function fix(): Promise<ControlFinding> {
  const finding = await suture.arrange('EC2.13');
  const [{ outcome }] = await suture.process(finding);
  expect(outcome).toBe('FIXED');
  return finding;
}

/** The items of the ledger that count, as the newest line about each tells them. */
async function expectChainOfLedger(directory: string): Promise<void> {
  const { Items = [] } = await new DynamoDBClient(suture.securityAdministrator()).send(
    new ScanCommand({ TableName: LEDGER_TABLE, ConsistentRead: true }),
  );
  const items = new Map(Items.map((item) => [`${item.pk!.S} ${item.sk!.S}`, item]));
  const newest = new Map((await linesIn(directory)).map((line) => [`${line.pk} ${line.sk}`, line.after]));
  for (const [key, item] of items) if (AUDITED.test(key)) expect(newest.get(key), key).toEqual(item);
  for (const [key, after] of newest) expect(after !== undefined, key).toBe(items.has(key));
  expect(newest.size).toBeGreaterThan(0);
}

describe('the audit chain', () => {
  it('has each change of the ledger, and is complete', async () => {
    const finding = await fix();
    const directory = await copyOfChain();
    expect(await verify(directory)).toMatchObject({ failed: false, problems: [], repeated: 0, oldest: 1 });
    await expectChainOfLedger(directory);
    const about = (await linesIn(directory)).filter(({ pk }) => pk === `finding#${finding.Id}`);
    expect(about.map(({ change }) => change)).toContain('INSERT');
  });

  const appending = (kind: 'killBefore' | 'killAfter', times: number): FaultRule => {
    let left = times;
    return ({ operation, input }) => {
      if (operation !== 'PutObject' || input.Bucket !== Bucket || left === 0) return undefined;
      left -= 1;
      return { kind };
    };
  };
  it.each([
    ['before', 'killBefore'],
    ['after', 'killAfter'],
  ] as const)('has each change if the function is killed %s it appends', async (_, kind) => {
    await suture.withFaults([appending(kind, 3)], async () => {
      await fix();
      await suture.kernel.clock.advance(5 * MINUTE);
    });
    const directory = await copyOfChain();
    const { failed, repeated } = await verify(directory);
    expect(failed).toBe(false);
    expect(repeated > 0).toBe(kind === 'killAfter');
    await expectChainOfLedger(directory);
  });

  it('has each change after the function was throttled, and an alarm tells that it was late', async () => {
    await lambda().send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    await fix();
    const before = await linesIn(await copyOfChain());
    await suture.kernel.clock.advance(2 * HOUR);
    expect(await exceedsAlarm('suture-audit-trail-late')).toBe(true);
    await lambda().send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await suture.kernel.clock.advance(10 * MINUTE);
    const directory = await copyOfChain();
    expect(await verify(directory)).toMatchObject({ failed: false });
    expect((await linesIn(directory)).length).toBeGreaterThan(before.length);
    await expectChainOfLedger(directory);
  });
});

const lambda = () => new LambdaClient(suture.securityAdministrator());
/** Whether the metric that the alarm watches exceeded its threshold within the last hour. */
async function exceedsAlarm(name: string): Promise<boolean> {
  const cloudWatch = new CloudWatchClient(suture.securityAdministrator());
  const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  const { Namespace, MetricName, Dimensions, Period, Statistic, Threshold } = MetricAlarms![0]!;
  const EndTime = new Date(suture.kernel.clock.now());
  const StartTime = new Date(EndTime.getTime() - HOUR);
  const Statistics = [Statistic!];
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({ Namespace, MetricName, Dimensions, Period, StartTime, EndTime, Statistics }),
  );
  return Datapoints.some((point) => point[Statistic as 'Maximum']! > Threshold!);
}

describe('a copy of the chain', () => {
  const changes: Readonly<Record<string, readonly [(files: string[]) => Promise<unknown>, string]>> = {
    'lacks a link': [([, second]) => rm(second!), 'link 2 is missing'],
    'has a changed line': [
      ([, second]) => edit(second!, (link) => Object.assign(link.lines[0]!, { pk: 'audit#forged' })),
      'link 2 is changed, or link 3',
    ],
    'lacks a line': [([, second]) => edit(second!, ({ lines }) => lines.pop()), 'link 2 is changed, or link 3'],
    'has lines in another order': [
      ([, second]) => edit(second!, ({ lines }) => lines.reverse()),
      'link 2 is changed, or link 3',
    ],
    'has one more line': [
      ([, second]) => edit(second!, ({ lines }) => lines.push({ ...lines[0]!, id: 'forged' })),
      'link 2 is changed, or link 3',
    ],
    'has a link twice': [
      ([, second]) => copyFile(second!, join(dirname(dirname(second!)), basename(second!))),
      'link 2 is there twice',
    ],
    'has a link under a name of another': [
      ([, second]) => copyFile(second!, second!.replace(/\d{12}-/, '000000000000-')),
      '000000000000-2.json is not the name of a link',
    ],
    'lacks its beginning': [([first]) => rm(first!), 'link 1 is missing'],
    'has links in another order': [
      async ([, second, third]) => {
        await rename(second!, `${second}.kept`);
        await rename(third!, second!);
        await rename(`${second}.kept`, third!);
      },
      'link 2 is changed: it says that it is link 3',
    ],
  };
  it.each(Object.entries(changes))('that %s is recognized', async (_, [change, problem]) => {
    const directory = await copyOfChain();
    await change(await linksIn(directory));
    const { failed, problems } = await verify(directory);
    expect(failed).toBe(true);
    expect(problems.join('\n')).toContain(problem);
  });

  it('that lacks the newest links is recognized by a hash that somebody noted', async () => {
    const directory = await copyOfChain();
    const { head } = await verify(directory);
    await rm((await linksIn(directory)).at(-1)!);
    expect(await verify(directory, head.hash)).toMatchObject({ failed: true });
  });
});

async function edit(file: string, change: (link: { lines: AuditLine[] }) => unknown): Promise<void> {
  const link = JSON.parse(await readFile(file, 'utf8'));
  change(link);
  await writeFile(file, JSON.stringify(link));
}

describe("nobody but the chain's function", () => {
  const others = {
    viewer: () => person('viewer'),
    operator: () => person('operator'),
    approver: () => person('approver'),
    administrator: async () => suture.securityAdministrator(),
    'API function': async () => suture.asSecurityFunction('suture-api'),
    'finding-update function': async () => suture.asSecurityFunction('suture-finding-updates'),
    workflow: async () => suture.asWorkflow(),
  };
  let signIn: (person: Person) => Promise<ClientSettings>;
  const person = async (name: Person) => {
    signIn ??= await createPerson(suture, 'mallory');
    return signIn(name);
  };

  it.each(Object.entries(others))('replaces, adds or deletes a link: %s', async (_, settings) => {
    const client = s3(await settings());
    const { Contents } = await s3().send(new ListObjectsV2Command({ Bucket }));
    const { Key } = Contents![0]!;
    const put = (input: { Key: string | undefined; IfNoneMatch?: string }) =>
      client.send(new PutObjectCommand({ Bucket, Body: '{}', ...input }));
    await expect(put({ Key })).rejects.toMatchObject(DENIED);
    await expect(put({ Key, IfNoneMatch: '*' })).rejects.toMatchObject(DENIED);
    await expect(put({ Key: `${Key}-0`, IfNoneMatch: '*' })).rejects.toMatchObject(DENIED);
    await expect(client.send(new DeleteObjectCommand({ Bucket, Key }))).rejects.toMatchObject(DENIED);
  });

  it.each([
    ['a line of the audit trail', { pk: 'audit#stops', sk: '2026-01-01T00:00:00Z' }],
    ['the permission to deploy a policy', { pk: 'policy', sk: 'grant' }],
    ['a proposal', { pk: 'proposals', sk: '0123456789abcdef' }],
    ['a request about address ranges', { pk: 'ip-ranges-requests', sk: '0123456789ab' }],
  ])('changes %s without a link about it', async (_, { pk, sk }) => {
    const Item = { pk: { S: pk }, sk: { S: sk }, who: { S: 'forged' } };
    await new DynamoDBClient(suture.securityAdministrator()).send(
      new PutItemCommand({ TableName: LEDGER_TABLE, Item }),
    );
    await suture.kernel.clock.advance(5 * MINUTE);
    const directory = await copyOfChain();
    expect(await verify(directory)).toMatchObject({ failed: false });
    expect(await linesIn(directory)).toContainEqual(expect.objectContaining({ pk, sk, after: Item }));
  });
});

describe('the role of its function', () => {
  const asFunction = () => suture.as(`arn:aws:iam::${suture.context.securityAccount}:role/suture/${FunctionName}`);

  it('replaces and deletes no link', async () => {
    const { Contents } = await s3().send(new ListObjectsV2Command({ Bucket }));
    const { Key } = Contents![0]!;
    const put = (input: object) => s3(asFunction()).send(new PutObjectCommand({ Bucket, Key, Body: '{}', ...input }));
    await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put({})).rejects.toMatchObject(DENIED);
    await expect(s3(asFunction()).send(new DeleteObjectCommand({ Bucket, Key }))).rejects.toMatchObject(DENIED);
  });

  it('is refused another object, and the ledger', async () => {
    const settings = asFunction();
    const put = new PutObjectCommand({ Bucket, Key: 'elsewhere', Body: '{}', IfNoneMatch: '*' });
    await expect(s3(settings).send(put)).rejects.toMatchObject(DENIED);
    await expect(s3(settings).send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(DENIED);
    const scan = new ScanCommand({ TableName: LEDGER_TABLE });
    await expect(new DynamoDBClient(settings).send(scan)).rejects.toMatchObject(DENIED);
  });
});

describe('changes that waited for 23 hours', () => {
  it('are named in the dead-letter queue', async () => {
    await lambda().send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    await fix();
    await suture.kernel.clock.advance(24 * HOUR);
    const sqs = new SQSClient(suture.securityAdministrator());
    const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/suture-audit-trail-dlq`;
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(JSON.parse(Messages![0]!.Body!)).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded' },
      DDBStreamBatchInfo: { shardId: expect.any(String), startSequenceNumber: expect.any(String) },
    });
    await lambda().send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await fix();
    await suture.kernel.clock.advance(10 * MINUTE);
    expect(await verify(await copyOfChain())).toMatchObject({ failed: false });
  });
});
