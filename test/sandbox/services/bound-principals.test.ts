/** Policies of resources name roles by ARN; AWS stores their unique ids. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '../../../sandbox/kernel/kernel.ts';
import { ecr } from '../../../sandbox/services/ecr/index.ts';
import { eventbridge } from '../../../sandbox/services/eventbridge/index.ts';
import { lambda } from '../../../sandbox/services/lambda/index.ts';
import { s3 } from '../../../sandbox/services/s3/index.ts';
import { sns } from '../../../sandbox/services/sns/index.ts';
import { sqs } from '../../../sandbox/services/sqs/index.ts';
import {
  allow,
  decidingKernel,
  MEMBER,
  makeRole,
  placeOf,
  roleSession,
  SECURITY_MEMBER,
  trust,
} from '../support/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

const ROLE = `arn:aws:iam::${SECURITY_MEMBER}:role/caller`;
const QUEUE = `arn:aws:sqs:us-east-1:${MEMBER}:jobs`;
const TOPIC = `arn:aws:sns:us-east-1:${MEMBER}:news`;
const QUEUE_URL = `http://127.0.0.1:0/${MEMBER}/jobs`;

let kernel: SmallKernel;
beforeEach(() => {
  kernel = decidingKernel(ecr, eventbridge, lambda, s3, sns, sqs);
});
const own = (service: string, operation: string, input: object) =>
  kernel.as(service, operation, input, placeOf(MEMBER));
const newCaller = () => roleSession(kernel, SECURITY_MEMBER, 'caller', allow('*'));
async function deleteCaller() {
  const place = placeOf(SECURITY_MEMBER);
  await kernel.as('iam', 'DeleteRolePolicy', { RoleName: 'caller', PolicyName: 'inline' }, place);
  await kernel.as('iam', 'DeleteRole', { RoleName: 'caller' }, place);
}

const statement = (Action: string, Resource: string, AWS: string) => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action,
  Resource,
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

type Case = {
  make(): Promise<unknown>;
  put(principal: string): Promise<unknown>;
  read(): Promise<string>;
  use(caller: Principal): Promise<unknown>;
  readonly invalid: { readonly code: string; readonly message?: string };
};
const as = (caller: Principal, service: string, operation: string, input: object) =>
  kernel.call(caller, placeOf(MEMBER), service, operation, input);

const CASES: Readonly<Record<string, Case>> = {
  lambda: {
    make: async () => {
      const Role = await makeRole(kernel, MEMBER, 'worker', trust({ Service: 'lambda.amazonaws.com' }));
      const code = { Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: new Uint8Array(1) } };
      return own('lambda', 'CreateFunction', { FunctionName: 'worker', Role, ...code });
    },
    put: async (Principal) => {
      const [FunctionName, StatementId] = ['worker', 'caller'];
      await own('lambda', 'RemovePermission', { FunctionName, StatementId }).catch(() => {});
      return own('lambda', 'AddPermission', { FunctionName, StatementId, Principal, Action: 'lambda:GetFunction' });
    },
    read: async () => (await own('lambda', 'GetPolicy', { FunctionName: 'worker' })).Policy,
    use: (caller) =>
      as(caller, 'lambda', 'GetFunction', {
        FunctionName: `arn:aws:lambda:us-east-1:${MEMBER}:function:worker`,
      }),
    invalid: {
      code: 'InvalidParameterValueException',
      message: 'The provided principal was invalid. Please check the principal and try again.',
    },
  },
  sqs: {
    make: () => own('sqs', 'CreateQueue', { QueueName: 'jobs' }),
    put: (principal) =>
      own('sqs', 'SetQueueAttributes', {
        QueueUrl: QUEUE_URL,
        Attributes: { Policy: policy(statement('sqs:SendMessage', QUEUE, principal)) },
      }),
    read: async () =>
      (await own('sqs', 'GetQueueAttributes', { QueueUrl: QUEUE_URL, AttributeNames: ['Policy'] })).Attributes.Policy,
    use: (caller) => as(caller, 'sqs', 'SendMessage', { QueueUrl: QUEUE_URL, MessageBody: 'x' }),
    invalid: { code: 'InvalidAttributeValue', message: 'Invalid value for the parameter Policy.' },
  },
  sns: {
    make: () => own('sns', 'CreateTopic', { Name: 'news' }),
    put: (principal) =>
      own('sns', 'SetTopicAttributes', {
        ...{ TopicArn: TOPIC, AttributeName: 'Policy' },
        AttributeValue: policy(statement('sns:Publish', TOPIC, principal)),
      }),
    read: async () => (await own('sns', 'GetTopicAttributes', { TopicArn: TOPIC })).Attributes.Policy,
    use: (caller) => as(caller, 'sns', 'Publish', { TopicArn: TOPIC, Message: 'x' }),
    invalid: { code: 'InvalidParameter', message: 'Invalid parameter: Policy Error: PrincipalNotFound' },
  },
  s3: {
    make: () => own('s3', 'CreateBucket', { Bucket: 'shelf' }),
    put: (principal) =>
      own('s3', 'PutBucketPolicy', {
        Bucket: 'shelf',
        Policy: policy(statement('s3:ListBucket', 'arn:aws:s3:::shelf', principal)),
      }),
    read: async () => (await own('s3', 'GetBucketPolicy', { Bucket: 'shelf' })).Policy,
    use: (caller) => as(caller, 's3', 'ListObjectsV2', { Bucket: 'shelf' }),
    invalid: { code: 'MalformedPolicy', message: 'Invalid principal in policy' },
  },
};

describe.each(Object.entries(CASES))('%s', (_service, { make, put, read, use, invalid }) => {
  it('returns the ARN of a role while it exists, and lets it in', async () => {
    const caller = await newCaller();
    await make();
    await expect(use(caller)).rejects.toThrow('is not authorized to perform');
    await put(ROLE);
    expect(await read()).toContain(`"AWS":"${ROLE}"`);
    await use(caller);
  });

  it('returns the id of a deleted role, and does not let in the next of its name', async () => {
    await newCaller();
    await make();
    await put(ROLE);
    await deleteCaller();
    expect(await read()).toMatch(/"AWS":"AROA[0-9A-Z]+"/);
    const next = await newCaller();
    expect(await read()).toMatch(/"AWS":"AROA[0-9A-Z]+"/);
    await expect(use(next)).rejects.toThrow(/denied|authorized/i);
    await put(ROLE);
    await use(next);
    expect(await read()).toContain(`"AWS":"${ROLE}"`);
  });

  it('refuses a role that does not exist, and the id of a deleted one', async () => {
    await make();
    await expect(put(ROLE)).rejects.toMatchObject(invalid);
    await newCaller();
    await put(ROLE);
    await deleteCaller();
    const [, id = ''] = /"AWS":"(AROA[0-9A-Z]+)"/.exec(await read()) ?? [];
    await expect(put(id)).rejects.toMatchObject(invalid);
  });
});

describe('a repository of ECR', () => {
  const repositoryName = 'shop';
  const put = (Statement: object) =>
    own('ecr', 'SetRepositoryPolicy', {
      repositoryName,
      policyText: JSON.stringify({ Version: '2012-10-17', Statement }),
    });
  const pull = (AWS: string) => ({ Effect: 'Allow', Principal: { AWS }, Action: 'ecr:BatchGetImage' });
  const read = async () => (await own('ecr', 'GetRepositoryPolicy', { repositoryName })).policyText as string;
  beforeEach(() => own('ecr', 'CreateRepository', { repositoryName }));

  it('shows the ARN of a role while it exists, and then its id', async () => {
    await newCaller();
    await put(pull(ROLE));
    expect(await read()).toContain(`"AWS":"${ROLE}"`);
    await deleteCaller();
    await newCaller();
    expect(await read()).toMatch(/"AWS":"AROA[0-9A-Z]+"/);
  });

  it('refuses a role that does not exist', async () => {
    await expect(put(pull(ROLE))).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'",
    });
  });

  it('refuses a statement with a resource', async () => {
    await newCaller();
    await expect(put({ ...pull(ROLE), Resource: '*' })).rejects.toThrow("'Invalid repository policy provided'");
  });
});

describe('an event bus', () => {
  it('takes a role in a whole policy alone, also one that does not exist, because AWS documents nothing else', async () => {
    const bus = `arn:aws:events:us-east-1:${MEMBER}:event-bus/default`;
    const permission = { StatementId: 'caller', Action: 'events:PutEvents', Principal: ROLE };
    await expect(own('eventbridge', 'PutPermission', permission)).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await own('eventbridge', 'PutPermission', { Policy: policy(statement('events:PutEvents', bus, ROLE)) });
    expect((await own('eventbridge', 'DescribeEventBus', {})).Policy).toContain(`"AWS":"${ROLE}"`);
  });
});
