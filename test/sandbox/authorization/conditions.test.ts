/**
 * Condition operators, set operators and policy variables as AWS documents them:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { expect, it } from 'vitest';
import { evaluatePolicies } from '../../../sandbox/authorization/evaluate.ts';
import { type ConditionElement, type IamPolicy, parseIamPolicy } from '../../../sandbox/authorization/policy.ts';

type Given = Record<string, string | readonly string[]>;

const contextOf = (given: Given) => new Map(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]));

function allows(document: IamPolicy, given: Given, resource = '*'): boolean {
  const { decision } = evaluatePolicies({
    need: { action: 'ec2:RunInstances', resource },
    principal: { kind: 'user', arn: 'arn:aws:iam::111111111111:user/ana', account: '111111111111' },
    owner: '111111111111',
    identity: [{ name: 'P', document: parseIamPolicy(document, 'identity') }],
    scps: [],
    context: contextOf(given),
  });
  return decision === 'Allow';
}

const holds = (Condition: ConditionElement, given: Given): boolean =>
  allows({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition } }, given);

const OFFICE: Given = { 'aws:username': 'ana', 'aws:TagKeys': ['team', 'cost'], 'aws:ResourceTag/team': 'blue' };

const CASES: readonly [rule: string, condition: ConditionElement, given: Given, expected: boolean][] = [
  ['StringEquals is exact', { StringEquals: { 'aws:username': 'ana' } }, OFFICE, true],
  ['StringEquals is case-sensitive', { StringEquals: { 'aws:username': 'Ana' } }, OFFICE, false],
  ['StringEquals has no wildcards', { StringEquals: { 'aws:username': 'a*' } }, OFFICE, false],
  ['keys are case-insensitive', { StringEquals: { 'AWS:UserName': 'ana' } }, OFFICE, true],
  ['values of one key are joined by OR', { StringEquals: { 'aws:username': ['bob', 'ana'] } }, OFFICE, true],
  ['keys are joined by AND', { StringEquals: { 'aws:username': 'ana', 'aws:ResourceTag/team': 'red' } }, OFFICE, false],
  [
    'operators are joined by AND',
    { StringEquals: { 'aws:username': 'ana' }, Null: { 'aws:username': 'true' } },
    OFFICE,
    false,
  ],
  ['an absent key matches nothing', { StringEquals: { 'aws:userid': 'x' } }, OFFICE, false],
  ['StringNotEquals is true of an absent key', { StringNotEquals: { 'aws:userid': 'x' } }, OFFICE, true],
  [
    'values of a negated operator are joined by NOR',
    { StringNotEquals: { 'aws:username': ['bob', 'ana'] } },
    OFFICE,
    false,
  ],
  ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 'aws:username': 'ANA' } }, OFFICE, true],
  ['StringNotEqualsIgnoreCase', { StringNotEqualsIgnoreCase: { 'aws:username': 'ANA' } }, OFFICE, false],
  ['StringLike with *', { StringLike: { 'aws:username': 'a*' } }, OFFICE, true],
  ['StringLike with ?', { StringLike: { 'aws:username': 'an?' } }, OFFICE, true],
  ['StringLike matches the whole', { StringLike: { 'aws:username': 'a' } }, OFFICE, false],
  ['StringNotLike', { StringNotLike: { 'aws:username': 'a*' } }, OFFICE, false],

  ['IfExists is true of an absent key', { StringEqualsIfExists: { 'aws:userid': 'x' } }, OFFICE, true],
  ['IfExists tests a key that is there', { StringEqualsIfExists: { 'aws:username': 'x' } }, OFFICE, false],
  ['Null true: the key must be absent', { Null: { 'aws:MultiFactorAuthAge': 'true' } }, OFFICE, true],
  ['Null false: the key must be there', { Null: { 'aws:username': 'false' } }, OFFICE, true],
  ['Null false of an absent key', { Null: { 'aws:MultiFactorAuthAge': 'false' } }, OFFICE, false],

  ['NumericEquals compares numbers', { NumericEquals: { 'kms:days': '07' } }, { 'kms:days': '7' }, true],
  ['NumericLessThan', { NumericLessThan: { 'kms:days': '10' } }, { 'kms:days': '9' }, true],
  ['NumericLessThanEquals', { NumericLessThanEquals: { 'kms:days': 9 } }, { 'kms:days': '9' }, true],
  ['NumericGreaterThan', { NumericGreaterThan: { 'kms:days': '9' } }, { 'kms:days': '10' }, true],
  ['NumericGreaterThanEquals', { NumericGreaterThanEquals: { 'kms:days': '10' } }, { 'kms:days': '9' }, false],
  ['NumericNotEquals', { NumericNotEquals: { 'kms:days': '9' } }, { 'kms:days': '10' }, true],
  ['a number operator on text is false', { NumericLessThan: { 'kms:days': '9' } }, { 'kms:days': 'many' }, false],

  [
    'DateLessThan',
    { DateLessThan: { 'aws:CurrentTime': '2026-01-02T00:00:00Z' } },
    { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
    true,
  ],
  [
    'DateGreaterThan',
    { DateGreaterThan: { 'aws:CurrentTime': '2026-01-02T00:00:00Z' } },
    { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
    false,
  ],
  [
    'dates may be seconds since 1970',
    { DateGreaterThanEquals: { 'aws:EpochTime': '2026-01-01T00:00:00Z' } },
    { 'aws:EpochTime': '1767225600' },
    true,
  ],
  ['DateNotEquals', { DateNotEquals: { 'aws:EpochTime': '0' } }, { 'aws:EpochTime': '1' }, true],

  ['Bool', { Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:SecureTransport': 'true' }, true],
  ['Bool takes JSON booleans', { Bool: { 'aws:SecureTransport': false } }, { 'aws:SecureTransport': 'true' }, false],
  ['Bool of an absent key is false', { Bool: { 'aws:MultiFactorAuthPresent': 'false' } }, {}, false],
  ['BoolIfExists of an absent key is true', { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, {}, true],
  ['BinaryEquals compares base64', { BinaryEquals: { 'x:key': 'QmluYXJ5' } }, { 'x:key': 'QmluYXJ5' }, true],

  [
    'IpAddress within a range',
    { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
    { 'aws:SourceIp': '203.0.113.9' },
    true,
  ],
  [
    'IpAddress without a prefix is one address',
    { IpAddress: { 'aws:SourceIp': '203.0.113.9' } },
    { 'aws:SourceIp': '203.0.113.8' },
    false,
  ],
  ['IpAddress knows IPv6', { IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, { 'aws:SourceIp': '2001:db8::1' }, true],
  ['NotIpAddress', { NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, { 'aws:SourceIp': '203.0.113.9' }, false],

  [
    'ArnLike by segment',
    { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:111111111111:rule/*' } },
    { 'aws:SourceArn': 'arn:aws:events:us-east-1:111111111111:rule/r' },
    true,
  ],
  [
    'ArnLike does not reach over a colon',
    { ArnLike: { 'aws:SourceArn': 'arn:aws:*:rule/*' } },
    { 'aws:SourceArn': 'arn:aws:events:us-east-1:111111111111:rule/r' },
    false,
  ],
  [
    'ArnEquals takes wildcards as ArnLike does',
    { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/suture/*' } },
    { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/suture/x' },
    true,
  ],
  [
    'ArnNotLike',
    { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/a' } },
    { 'aws:PrincipalArn': 'arn:aws:iam::1:role/a' },
    false,
  ],
  [
    'StringLike on an ARN reaches over colons',
    { StringLike: { 'aws:SourceArn': 'arn:aws:*:rule/*' } },
    { 'aws:SourceArn': 'arn:aws:events:us-east-1:1:rule/r' },
    true,
  ],

  [
    'ForAllValues: every value of the request is listed',
    { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost', 'x'] } },
    OFFICE,
    true,
  ],
  [
    'ForAllValues: one value is not listed',
    { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } },
    OFFICE,
    false,
  ],
  ['ForAllValues is true of an absent key', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }, {}, true],
  ['ForAnyValue: one value is listed', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } }, OFFICE, true],
  ['ForAnyValue is false of an absent key', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } }, {}, false],
  [
    'ForAnyValue with IfExists is false of an absent key',
    { 'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': ['team'] } },
    {},
    false,
  ],
  [
    'ForAllValues with a negated operator: none is listed',
    { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': ['team'] } },
    OFFICE,
    false,
  ],
  [
    'ForAnyValue with a negated operator: some is not listed',
    { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': ['team'] } },
    OFFICE,
    true,
  ],
  [
    'ForAnyValue with a negated operator is false of an absent key',
    { 'ForAnyValue:StringNotLike': { 'aws:TagKeys': ['team'] } },
    {},
    false,
  ],

  [
    'a variable takes the value of its key',
    { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } },
    { ...OFFICE, 'aws:PrincipalTag/team': 'blue' },
    true,
  ],
  [
    'a variable without value matches nothing',
    { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } },
    OFFICE,
    false,
  ],
  [
    'a variable with a default',
    { StringEquals: { 'aws:ResourceTag/team': "${aws:PrincipalTag/team, 'blue'}" } },
    OFFICE,
    true,
  ],
  [
    'the value precedes the default',
    { StringEquals: { 'aws:ResourceTag/team': "${aws:PrincipalTag/team, 'blue'}" } },
    { ...OFFICE, 'aws:PrincipalTag/team': 'red' },
    false,
  ],
  ['${*} is an asterisk, not a wildcard', { StringLike: { 'aws:username': 'a${*}' } }, OFFICE, false],
  ['${*} matches an asterisk', { StringLike: { 'aws:username': 'a${*}' } }, { 'aws:username': 'a*' }, true],
  ['${?} and ${$} are themselves', { StringEquals: { 'aws:username': '${?}${$}' } }, { 'aws:username': '?$' }, true],
  [
    'a value never becomes a wildcard',
    { StringLike: { 'aws:username': '${aws:PrincipalTag/pattern}' } },
    { ...OFFICE, 'aws:PrincipalTag/pattern': '*' },
    false,
  ],
];

it.each(CASES)('%s', (_rule, condition, given, expected) => {
  expect(holds(condition, given)).toBe(expected);
});

it('replaces policy variables in resources too', () => {
  const document: IamPolicy = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::home/${aws:username}/*' },
  };
  expect(allows(document, OFFICE, 'arn:aws:s3:::home/ana/file')).toBe(true);
  expect(allows(document, OFFICE, 'arn:aws:s3:::home/bob/file')).toBe(false);
  expect(allows(document, {}, 'arn:aws:s3:::home//file')).toBe(false);
});
