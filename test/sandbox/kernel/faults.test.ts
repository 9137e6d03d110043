import { CreateSecurityGroupCommand, DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { faultableCall } from '../../../sandbox/kernel/dispatch.ts';
import { seededFaults, throttled, transactionConflict } from '../../../sandbox/kernel/faults.ts';
import type { FaultRule } from '../../../sandbox/kernel/kernel.ts';
import { SERVICES } from '../../../sandbox/services/services.generated.ts';

const ACCOUNT = '333333333333';
const ORGANIZATION = { id: 'o-faults0001', managementAccount: ACCOUNT, accounts: [{ id: ACCOUNT, name: 'one' }] };
let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.close());

async function started(faults: readonly FaultRule[], staleReads = false) {
  sandbox = await createSandbox({ organization: ORGANIZATION, homeRegion: 'us-east-1', faults, staleReads });
  return new EC2Client({ ...sandbox.administrator(ACCOUNT), maxAttempts: 1 });
}
const names = async (ec2: EC2Client) =>
  (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.map(({ GroupName }) => GroupName);
const make = (ec2: EC2Client) => ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
const on = (operation: string) => (call: { operation: string }) => call.operation === operation;

describe('a fault', () => {
  it('of kind error answers with its code, and the call took no effect', async () => {
    const once = seededFaults(1, [
      {
        share: 1,
        fault: { kind: 'error', code: 'RequestLimitExceeded', status: 503 },
        only: on('CreateSecurityGroup'),
      },
    ]);
    const ec2 = await started([once]);
    await expect(make(ec2)).rejects.toMatchObject({ name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 503 } });
    expect(await names(ec2)).toEqual(['default']);
  });
  it('of kind dropBefore drops the connection before the call took effect', async () => {
    const ec2 = await started([
      seededFaults(1, [{ share: 1, fault: { kind: 'dropBefore' }, only: on('CreateSecurityGroup') }]),
    ]);
    await expect(make(ec2)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await names(ec2)).toEqual(['default']);
  });
  it('of kind dropAfter drops it after the call took effect', async () => {
    const ec2 = await started([
      seededFaults(1, [{ share: 1, fault: { kind: 'dropAfter' }, only: on('CreateSecurityGroup') }]),
    ]);
    await expect(make(ec2)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await names(ec2)).toEqual(['default', 'web']);
  });
  it('of kind dropAfter drops it also if the answer is an error', async () => {
    const ec2 = await started([
      seededFaults(1, [{ share: 1, fault: { kind: 'dropAfter' }, only: ({ input }) => input.GroupName === 'default' }]),
    ]);
    const refused = new CreateSecurityGroupCommand({ GroupName: 'default', Description: 'there is one' });
    await expect(ec2.send(refused)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(sandbox!.kernel.calls.at(-1)).toMatchObject({ operation: 'CreateSecurityGroup', error: 'ConnectionDrop' });
  });
  it('of kind stale shows the state before the last write', async () => {
    const ec2 = await started(
      [seededFaults(1, [{ share: 1, fault: { kind: 'stale' }, only: on('DescribeSecurityGroups') }])],
      true,
    );
    await make(ec2);
    expect(await names(ec2)).toEqual(['default']);
  });
  it('of kind late answers after the delay, and the call took effect', async () => {
    const ec2 = await started([
      seededFaults(1, [{ share: 1, fault: { kind: 'late', seconds: 90 }, only: on('CreateSecurityGroup') }]),
    ]);
    const before = sandbox!.kernel.clock.now();
    await make(ec2);
    expect(sandbox!.kernel.clock.now() - before).toBeGreaterThanOrEqual(90_000);
    expect(await names(ec2)).toEqual(['default', 'web']);
  });
});

describe('a fault in the form of AWS', () => {
  const call = (name: string, operation: string, input: object = {}) => {
    const service = SERVICES.find((each) => each.name === name)!;
    const principal = { kind: 'root', arn: `arn:aws:iam::${ACCOUNT}:root`, account: ACCOUNT } as const;
    const place = { partition: 'aws', account: ACCOUNT, region: 'us-east-1' };
    return faultableCall({ service, operation, input, principal, place });
  };
  it.each([
    ['ec2', 'RequestLimitExceeded'],
    ['s3', 'SlowDown'],
    ['securityhub', 'TooManyRequestsException'],
    ['sfn', 'ThrottlingException'],
  ])('%s throttles with %s', (service, code) => {
    expect(throttled(call(service, 'Any'))).toMatchObject({ kind: 'error', code });
  });
  it.each([
    ['dynamodb', 'Query', true],
    ['dynamodb', 'PutItem', false],
    ['kms', 'GenerateDataKey', true],
    ['iam', 'ListRoles', true],
    ['sqs', 'SendMessage', false],
  ])('%s %s only reads: %s', (service, operation, isRead) => {
    expect(call(service, operation)).toMatchObject({ isRead });
  });
  it('a service lists as reads only operations that it has', () => {
    for (const { reads = [], operations } of SERVICES)
      expect(Object.keys(operations)).toEqual(expect.arrayContaining([...reads]));
  });
  it('a transaction conflict names the item, and occurs only for writes', () => {
    const conflict = transactionConflict(call('dynamodb', 'TransactWriteItems', { TransactItems: [{}, {}] }));
    expect(conflict).toMatchObject({
      code: 'TransactionCanceledException',
      fields: { CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }] },
    });
    expect(transactionConflict(call('dynamodb', 'DeleteItem'))).toMatchObject({ code: 'TransactionConflictException' });
    expect(transactionConflict(call('dynamodb', 'GetItem'))).toBeUndefined();
    expect(transactionConflict(call('sqs', 'PutItem'))).toBeUndefined();
  });
});

describe('faults by chance', () => {
  const faulty = (seed: number) => {
    const rule = seededFaults(seed, [{ share: 0.3, fault: { kind: 'dropBefore' } }]);
    return Array.from({ length: 200 }, () => rule({ operation: 'Any' } as never) !== undefined);
  };
  it('are the same for the same seed', () => expect(faulty(7)).toEqual(faulty(7)));
  it('differ for another seed', () => expect(faulty(7)).not.toEqual(faulty(8)));
  it('affect about the requested share of the calls', () => {
    const share = faulty(7).filter(Boolean).length / 200;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
  });
});
