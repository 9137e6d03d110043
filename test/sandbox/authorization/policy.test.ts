import { expect, it } from 'vitest';
import { parseIamPolicy } from '../../../sandbox/authorization/policy.ts';

const STATEMENT = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const policy = (more: object, version: object = { Version: '2012-10-17' }) =>
  JSON.stringify({ ...version, Statement: [{ ...STATEMENT, ...more }] });

it.each([
  ['text that is not JSON', '{', 'Syntax errors in policy.'],
  ['no statement', '{"Version":"2012-10-17","Statement":[]}', 'Statement is missing or empty'],
  ['an unknown version', policy({}, { Version: '2020-01-01' }), 'Version must be'],
  ['an unknown element of the document', policy({}, { Versoin: '2012-10-17' }), 'Unknown element in policy: Versoin'],
  ['an unknown element of a statement', policy({ Resources: '*' }), 'Unknown element in statement: Resources'],
  ['a misspelt effect', policy({ Effect: 'allow' }), 'Invalid effect: allow'],
  ['an id with a space', policy({ Sid: 'read all' }), 'must be alpha-numeric'],
  ['no action', policy({ Action: undefined }), 'Missing required field Action'],
  ['both Action and NotAction', policy({ NotAction: 's3:*' }), 'both Action and NotAction'],
  ['an action without a service', policy({ Action: 'GetObject' }), 'must be prefaced by a vendor'],
  ['no resource', policy({ Resource: undefined }), 'Missing required field Resource'],
  ['a resource that is not an ARN', policy({ Resource: 'my-bucket' }), 'must be in ARN format or "*"'],
  ['a principal in an identity policy', policy({ Principal: '*' }), 'should not specify a principal'],
  [
    'a misspelt condition operator',
    policy({ Condition: { StringEqual: { 'aws:username': 'a' } } }),
    'Invalid Condition type : StringEqual',
  ],
  [
    'a misspelt set operator',
    policy({ Condition: { 'ForAllValue:StringEquals': { 'aws:TagKeys': 'a' } } }),
    'Invalid Condition type',
  ],
  ['NullIfExists', policy({ Condition: { NullIfExists: { 'aws:TagKeys': 'true' } } }), 'Invalid Condition type'],
  [
    'a condition key without a service',
    policy({ Condition: { StringEquals: { username: 'a' } } }),
    'must be prefaced by a vendor',
  ],
  [
    'variables without the version that supports them',
    policy({ Resource: 'arn:aws:s3:::${aws:username}' }, {}),
    'need Version 2012-10-17',
  ],
  [
    'a statement id twice',
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { ...STATEMENT, Sid: 'a' },
        { ...STATEMENT, Sid: 'a' },
      ],
    }),
    'must be unique',
  ],
])('refuses %s', (_what, text, message) => {
  expect(() => parseIamPolicy(text, 'identity')).toThrow(
    expect.objectContaining({ code: 'MalformedPolicyDocument', message: expect.stringContaining(message) }),
  );
});

it('requires a principal and no resource in a trust policy', () => {
  const trust = (more: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...more }] });
  expect(() => parseIamPolicy(trust({}), 'trust')).toThrow('Missing required field Principal');
  expect(() => parseIamPolicy(trust({ Principal: '*', Resource: '*' }), 'trust')).toThrow(
    'Has prohibited field Resource',
  );
  expect(() => parseIamPolicy(trust({ Principal: { AWS: 'arn:aws:iam::1:role/*' } }), 'trust')).toThrow(
    'Invalid principal',
  );
  expect(parseIamPolicy(trust({ Principal: { Service: 'lambda.amazonaws.com' } }), 'trust').Statement).toHaveLength(1);
});

it("uses a service's own code for the error", () => {
  expect(() => parseIamPolicy('{', 'resource', 'MalformedPolicy')).toThrow(
    expect.objectContaining({ code: 'MalformedPolicy' }),
  );
});
