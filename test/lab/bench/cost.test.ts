import { describe, expect, it } from 'vitest';
import { costOf, totalCost, type Usage } from '../../../lab/bench/cost.ts';
import { readUnits, writeUnits } from '../../../lab/bench/dynamodb-units.ts';

const NOTHING: Usage = {
  findings: 1,
  transitions: 0,
  invocations: [],
  calls: [],
  writeUnits: 0,
  readUnits: 0,
  sessionPolicies: [],
  logBytes: 0,
};
const call = (service: string, operation: string) => ({ service, operation, instance: 'instance-1' });

describe('the cost of a finding', () => {
  it('includes five states entered, and traces', () => {
    const { states } = costOf({ ...NOTHING, transitions: 5 });
    expect(states).toBeCloseTo(5 * 0.000_025 + 0.05 * 0.000_005, 9);
  });
  it('includes the signatures of triage and approvers, and none of the requests that services make with data keys', () => {
    const calls = ['GenerateMac', 'VerifyMac', 'VerifyMac', 'Decrypt'].map((operation) => call('kms', operation));
    expect(costOf({ ...NOTHING, calls }).signatures).toBeCloseTo(3 * 0.000_003, 12);
  });
  it('is an equal share of the cost of all findings', () => {
    const usage = { ...NOTHING, transitions: 500, writeUnits: 6_600, logBytes: 400_000 };
    expect(totalCost(costOf({ ...usage, findings: 100 })) * 100).toBeCloseTo(
      totalCost(costOf(usage)) + 99 * totalCost(costOf(NOTHING)),
      9,
    );
  });
  it("includes a function's processor time at its share of a processor, and its calls' latency", () => {
    const invocations = [{ function: 'suture-report', event: '{}', processorMs: 10 }];
    const alone = costOf({ ...NOTHING, invocations }).functions;
    expect(alone).toBeCloseTo(0.2e-6 + 0.5 * ((10 * 1769) / 512 / 1000) * 0.000_013_333_4, 12);
    const waiting = costOf({ ...NOTHING, invocations, calls: [call('dynamodb', 'PutItem')] }).functions;
    expect(waiting - alone).toBeCloseTo(0.5 * 0.01 * 0.000_013_333_4, 12);
    const ofTheWorkflow = [{ service: 'lambda', operation: 'GetFunction' }];
    expect(costOf({ ...NOTHING, invocations, calls: ofTheWorkflow }).functions).toBe(alone);
  });
  it('includes the time of a remediation function twice, and no latency of its invocation', () => {
    const of = (name: string) => [{ function: name, event: '{}', processorMs: 10 }];
    const remediation = costOf({ ...NOTHING, invocations: of('suture-remediation-ec2-close-admin-ports') }).functions;
    const other = costOf({ ...NOTHING, invocations: of('suture-report') }).functions;
    expect(remediation - other).toBeCloseTo(0.5 * ((10 * 1769) / 512 / 1000) * 0.000_013_333_4, 12);
    const invoke = [call('lambda', 'Invoke')];
    expect(costOf({ ...NOTHING, invocations: of('suture-report'), calls: invoke }).functions).toBe(other);
  });
});

describe('request units of DynamoDB', () => {
  const kilobytes = (count: number) => ({ text: { S: 'x'.repeat(count * 1024 - 100) } });
  it.each([
    { says: 'an item of 3 KB', operation: 'PutItem', input: { Item: kilobytes(3) }, units: 3 },
    {
      says: 'an item in two indexes',
      operation: 'PutItem',
      input: { Item: { ofStatus: { S: 'FIXED' }, changedAt: { S: 'now' }, trace: { S: 'x' } } },
      units: 1 + 2 * 2,
    },
    {
      says: 'an item without the sort key of its index',
      operation: 'PutItem',
      input: { Item: { ofStatus: { S: 'FIXED' } } },
      units: 1,
    },
    {
      says: 'an update that names an index key',
      operation: 'UpdateItem',
      input: { ExpressionAttributeNames: { '#trace': 'trace' }, ExpressionAttributeValues: { ':trace': { S: 'x' } } },
      units: 1 + 2,
    },
    { says: 'a deletion', operation: 'DeleteItem', input: { Key: {} }, units: 1 },
    {
      says: 'a transaction, twice',
      operation: 'TransactWriteItems',
      input: { TransactItems: [{ Put: { Item: kilobytes(2) } }, { ConditionCheck: { Key: {} } }] },
      units: 2 * 2 + 2,
    },
    {
      says: 'a batch, item by item',
      operation: 'BatchWriteItem',
      input: { RequestItems: { ledger: [{ PutRequest: { Item: kilobytes(1) } }, { DeleteRequest: { Key: {} } }] } },
      units: 2,
    },
    { says: 'a read', operation: 'GetItem', input: {}, units: 0 },
  ])('writes: $says', ({ operation, input, units }) => {
    expect(writeUnits(operation, input)).toBe(units);
  });
  it.each([
    { operation: 'GetItem', input: {}, units: 1 },
    { operation: 'BatchGetItem', input: { RequestItems: { ledger: { Keys: [{}, {}, {}] } } }, units: 3 },
    { operation: 'PutItem', input: {}, units: 0 },
  ])('reads: $operation', ({ operation, input, units }) => {
    expect(readUnits(operation, input)).toBe(units);
  });
});
