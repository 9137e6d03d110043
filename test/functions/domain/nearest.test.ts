import { expect, it } from 'vitest';
import { nearest, suggestion } from '../../../functions/domain/nearest.ts';

it('returns the names with the smallest edit distance first', () => {
  expect(nearest('EC2.31', ['S3.1', 'EC2.13', 'IAM.22', 'EC2.3'])[0]).toBe('EC2.3');
  expect(nearest('ec2/close-ports', ['ec2/encrypt-ebs-by-default', 'ec2/close-admin-ports'])[0]).toBe(
    'ec2/close-admin-ports',
  );
});

it('suggests names that begin with the given one, or else a close one', () => {
  const errors = ['MemberRoleUnavailable', 'MemberRoleOutdated', 'Throttled'];
  expect(suggestion('MemberRole', errors)).toBe('; did you mean MemberRoleUnavailable or MemberRoleOutdated?');
  expect(suggestion('Throtled', errors)).toBe('; did you mean Throttled?');
  expect(suggestion('Thr', errors)).toBe('');
});
