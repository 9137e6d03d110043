import { describe, expect, it } from 'vitest';
import { allowsService } from '../../../../functions/remediations/kit/service-statements.ts';

const SERVICE = 'cloudtrail.amazonaws.com';
const TRAIL = 'arn:aws:cloudtrail:us-east-1:111122223333:trail/all';
const BY_NAME = { Effect: 'Allow', Principal: { Service: SERVICE }, Action: 'kms:GenerateDataKey*' };
const allows = (statement: object, context = { 'aws:sourcearn': TRAIL }): boolean =>
  allowsService({ Statement: { ...BY_NAME, ...statement } }, SERVICE, 'kms:GenerateDataKey', context);

describe('a statement lets a service in', () => {
  it.each<[string, object]>([
    ['by its name', {}],
    ['among others', { Principal: { Service: ['s3.amazonaws.com', SERVICE] } }],
    ['with everybody', { Principal: '*' }],
    ['for all actions', { Action: ['kms:*'] }],
    ['in whatever case', { Action: 'KMS:generatedatakey*' }],
    ['for this source', { Condition: { StringEquals: { 'aws:SourceArn': TRAIL } } }],
    [
      'for sources like this',
      { Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:cloudtrail:*:111122223333:trail/*' } } },
    ],
    ['for one of several sources', { Condition: { StringLike: { 'aws:SourceArn': ['x', 'arn:*:trail/a??'] } } }],
    ['with a condition that only AWS can judge', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
  ])('%s', (_, statement) => expect(allows(statement)).toBe(true));
});

describe('a statement does not let a service in', () => {
  it.each<[string, object]>([
    ['that denies it', { Effect: 'Deny' }],
    ['for another service', { Principal: { Service: 's3.amazonaws.com' } }],
    ['for an account', { Principal: { AWS: '*' } }],
    ['for another action', { Action: 'kms:Decrypt' }],
    ['for another source', { Condition: { StringEquals: { 'aws:SourceArn': `${TRAIL}-2` } } }],
    ['for a pattern that is not one to StringEquals', { Condition: { StringEquals: { 'aws:SourceArn': '*' } } }],
    [
      'whose pattern has other letters',
      { Condition: { StringLike: { 'aws:SourceArn': 'arn:aws:cloudtrail:*:trail.all' } } },
    ],
  ])('%s', (_, statement) => expect(allows(statement)).toBe(false));
});
