import { describe, expect, it } from 'vitest';
import { criteriaFor, exceptionId, parseLastDay } from '../../../cli/policy/exception-for.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';

const NOW = Date.parse('2026-11-29T23:00:00Z');
const FINDING = {
  ...{ id: 'f', productArn: 'p', control: 'EC2.13', account: '333333333333', region: 'us-east-1' },
  resource: { Type: 'AwsEc2SecurityGroup', Id: 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-0A1b' },
};

describe('the last day of an exception', () => {
  it.each([
    ['2026-11-29', '2026-11-29'],
    ['2027-02-28', '2027-02-28'],
    ['90d', '2027-02-27'],
  ])('%s is %s', (text, day) => expect(parseLastDay(text, NOW)).toBe(day));
  it.each(['2026-02-30', '2027-13-01', 'tomorrow', '90', '2027-01-31T00:00Z', ''])('is not "%s"', (text) => {
    expect(() => parseLastDay(text, NOW)).toThrow('--until takes a day');
  });
  it('has not passed', () => {
    expect(() => parseLastDay('2026-11-28', NOW)).toThrow('which has passed: today is 2026-11-29');
  });
});

describe('the criteria for a finding', () => {
  it('are its control, account and resource', () => {
    const { control, account, resource } = FINDING;
    expect(criteriaFor(FINDING)).toEqual({ control, account, resource: resource.Id });
  });
  it('name the Region of an account setting, whose resource is the same in all', () => {
    const resource = { Type: 'AwsAccount', Id: 'AWS::::Account:333333333333' };
    expect(criteriaFor({ ...FINDING, control: 'EC2.7', resource })).toMatchObject({ region: 'us-east-1' });
  });
});

describe('the id of an exception', () => {
  const policyWith = (...ids: string[]) => {
    const exceptions = ids.map((id) => ({
      id,
      reason: 'r',
      owner: 'o',
      expires: '2099-01-01',
      criteria: { title: 't' },
    }));
    return SuturePolicy.parse({ version: 1, controls: {}, exemptions: exceptions });
  };
  it('is made of control and resource', () => expect(exceptionId(FINDING, policyWith())).toBe('ec2-13-sg-0a1b'));
  it('is unique', () => {
    expect(exceptionId(FINDING, policyWith('ec2-13-sg-0a1b', 'ec2-13-sg-0a1b-2'))).toBe('ec2-13-sg-0a1b-3');
  });
  it('has at most 64 characters', () => {
    const resource = { Type: 'AwsS3Bucket', Id: `arn:aws:s3:::${'x'.repeat(200)}` };
    expect(exceptionId({ ...FINDING, resource }, policyWith()).length).toBeLessThanOrEqual(64);
  });
});
