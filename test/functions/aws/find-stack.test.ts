import type { StackResource } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { stackFinder } from '../../../functions/aws/find-stack.ts';
import type { StackQuestion } from '../../../functions/ports/find-stack.ts';

const ACCOUNT = '333333333333';
const stackId = (region: string, name = 'web', account = ACCOUNT) =>
  `arn:aws:cloudformation:${region}:${account}:stack/${name}/4b3a1c00-0000-0000-0000-000000000001`;
const ID = stackId('eu-west-1');
const OWN = { StackId: ID, StackName: 'web', LogicalResourceId: 'Group', PhysicalResourceId: 'sg-1' };
const GROUP: StackResource = {
  ...OWN,
  ...{ ResourceType: 'AWS::EC2::SecurityGroup', ResourceStatus: 'CREATE_COMPLETE', Timestamp: undefined },
};
const CLAIM = { id: ID, name: 'web', logicalId: 'Group' };
const QUESTION: StackQuestion = {
  resource: { types: ['AWS::EC2::SecurityGroup'], ids: ['sg-1'], idForm: /^sg-/ },
  ...{ region: 'eu-west-1', askedIn: 'eu-west-1', account: ACCOUNT, claim: undefined },
};
const GONE = Object.assign(new Error('Stack for sg-1 does not exist'), { name: 'ValidationError' });

type Answer = readonly StackResource[] | Error;

/** Answers by the question's name, which begins with its Region. */
async function ask(question: Partial<StackQuestion>, answers: Readonly<Record<string, Answer>>) {
  const calls: string[] = [];
  const clientIn = (region: string) => ({
    send: async ({ input }: { input: Record<string, string> }) => {
      const call = `${region} ${input.StackName ? `${input.StackName} ${input.LogicalResourceId}` : input.PhysicalResourceId}`;
      calls.push(call);
      const answer = answers[call] ?? GONE;
      if (answer instanceof Error) throw answer;
      return { StackResources: answer };
    },
  });
  const stack = await stackFinder(clientIn as never)({ ...QUESTION, ...question });
  return { stack, calls };
}

const BY_TAG = `eu-west-1 ${ID} Group`;
const BY_ID = 'eu-west-1 sg-1';

describe('a resource whose tags name a stack', () => {
  it('belongs to that stack if the stack has it, which takes one call', async () => {
    expect(await ask({ claim: CLAIM }, { [BY_TAG]: [GROUP] })).toEqual({ stack: CLAIM, calls: [BY_TAG] });
  });
  it.each<[what: string, resource: Partial<StackResource>]>([
    ['has another resource under its logical id now', { PhysicalResourceId: 'sg-2' }],
    ['has a resource of another type there', { ResourceType: 'AWS::EC2::VPC' }],
    ['was deleted without it', { ResourceStatus: 'DELETE_SKIPPED' }],
  ])('does not belong to a stack that %s', async (_, change) => {
    const { stack, calls } = await ask({ claim: CLAIM }, { [BY_TAG]: [{ ...GROUP, ...change }] });
    expect({ stack, calls }).toEqual({ stack: undefined, calls: [BY_TAG, BY_ID] });
  });
  it('belongs to that stack if CloudFormation has another name as its physical id', async () => {
    const named = { ...GROUP, PhysicalResourceId: 'web-Group-1ABC' };
    expect(await ask({ claim: CLAIM }, { [BY_TAG]: [named] })).toMatchObject({ stack: CLAIM });
  });
  it('belongs to no stack of another account or Region, with which copied tags came', async () => {
    for (const id of [stackId('us-east-1'), stackId('eu-west-1', 'web', '444444444444')])
      expect(await ask({ claim: { ...CLAIM, id } }, {})).toEqual({ stack: undefined, calls: [BY_ID] });
  });
  it('is looked up in the Region of the stack if it is global', async () => {
    const id = stackId('us-west-2');
    const question = { region: undefined, askedIn: 'us-east-1', claim: { ...CLAIM, id } };
    const denied = Object.assign(new Error('explicit deny'), { name: 'AccessDenied' });
    const call = `us-west-2 ${id} Group`;
    expect(await ask(question, { [call]: [{ ...GROUP, StackId: id }] })).toMatchObject({
      stack: { id },
      calls: [call],
    });
    expect(await ask(question, { [call]: denied })).toMatchObject({ stack: { id }, calls: [call] });
    await expect(ask({ claim: CLAIM }, { [BY_TAG]: denied })).rejects.toBe(denied);
  });
});

describe('a resource whose tags name no stack', () => {
  it('belongs to the stack that has it', async () => {
    const other = { ...GROUP, LogicalResourceId: 'Vpc', PhysicalResourceId: 'vpc-1', ResourceType: 'AWS::EC2::VPC' };
    expect(await ask({}, { [BY_ID]: [other, GROUP] })).toEqual({ stack: CLAIM, calls: [BY_ID] });
  });
  it('belongs to none if CloudFormation has no such resource, or one of another type', async () => {
    expect(await ask({}, {})).toEqual({ stack: undefined, calls: [BY_ID] });
    const other = { ...GROUP, ResourceType: 'AWS::EC2::VPC' };
    expect(await ask({}, { [BY_ID]: [other] })).toMatchObject({ stack: undefined });
  });
  it('belongs to a stack of a hundred resources, whose answer may lack it', async () => {
    const others = Array.from({ length: 100 }, (_, n) => ({ ...GROUP, PhysicalResourceId: `sg-9${n}` }));
    expect(await ask({}, { [BY_ID]: others })).toMatchObject({ stack: { id: ID, name: 'web' } });
    expect(await ask({}, { [BY_ID]: others.slice(1) })).toMatchObject({ stack: undefined });
  });
  it('is looked up by each of its names', async () => {
    const resource = { ids: ['web', 'sg-1'] };
    expect(await ask({ resource }, { [BY_ID]: [GROUP] })).toEqual({ stack: CLAIM, calls: ['eu-west-1 web', BY_ID] });
  });
});

it('any other error is thrown', async () => {
  const throttled = Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
  await expect(ask({}, { [BY_ID]: throttled })).rejects.toBe(throttled);
  const invalid = Object.assign(new Error('1 validation error detected'), { name: 'ValidationError' });
  await expect(ask({}, { [BY_ID]: invalid })).rejects.toBe(invalid);
});
