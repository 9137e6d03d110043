import { expect, it } from 'vitest';
import { redactor } from '../../smoke/redact.ts';

const redact = () => redactor({ externalId: 'our-external-id' });

it.each([
  ['an account', 'in 111122223333 now', 'in <account-1> now'],
  [
    'an account within a name',
    'bucket suture-copies-111122223333-us-east-1',
    'bucket suture-copies-<account-1>-us-east-1',
  ],
  ['an ARN', 'User: arn:aws:sts::111122223333:assumed-role/R/me is not', 'User: <arn-1> is not'],
  ['an ARN of China at the end of a sentence', 'no arn:aws-cn:s3:::our-bucket/key.', 'no <arn-1>.'],
  ['an organization', 'o-a1b2c3d4e5', '<organization-1>'],
  ['a unit', 'ou-ab12-cdefgh34 below r-ab12', '<unit-1> below <unit-2>'],
  ['the external id', 'id our-external-id.', 'id <external-id-1>.'],
  ['an e-mail', 'ann.lee+aws@example.co.uk', '<e-mail-1>'],
  ['an address of IPv4', 'from 203.0.113.7 and 0.0.0.0/0', 'from <ip-1> and <ip-2>'],
  ['an address of IPv6', 'from 2001:db8::17 and 2001:db8:1:2:3:4:5:6', 'from <ip-1> and <ip-2>'],
  ['a request id', 'request 0f8fad5b-d9cb-469f-a165-70867728950e', 'request <id-1>'],
  ['a key', 'ASIAIOSFODNN7EXAMPLE', '<key-1>'],
  ['a security group', 'sg-0123456789abcdef0', '<resource-1>'],
  ['a host', 'https://abc123.execute-api.us-east-1.amazonaws.com/live', '<address-1>'],
  [
    'a message of EC2',
    'Encoded authorization failure message: AbC_d-1',
    'Encoded authorization failure message: <message-1>',
  ],
])('replaces %s', (_, text, redacted) => {
  expect(redact()(text)).toBe(redacted);
});

it('gives the same value the same placeholder, over several texts', () => {
  const each = redact();
  expect(each('111122223333 444455556666')).toBe('<account-1> <account-2>');
  expect(each('444455556666')).toBe('<account-2>');
});

it('leaves what people need: steps, times, percentages, names of actions and errors', () => {
  const text =
    'trust: failed, 12 s at 10:20:30. AccessDenied: sts:AssumeRole takes 43 % of 2048; EC2.13 in us-east-1, 2026-11-29';
  expect(redact()(text)).toBe(text);
});
