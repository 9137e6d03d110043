import { describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/policy-validator/handler.ts';
import { requirePermission } from '../../../functions/policy-validator/permission.ts';

vi.mock(import('../../../functions/policy-validator/permission.ts'));
for (const name of ['LEDGER_TABLE', 'POLICY_APPLICATION', 'POLICY_ENVIRONMENT']) vi.stubEnv(name, 'a');

const validate = (content: string) =>
  handler({ applicationId: 'a', configurationVersion: '2', content: Buffer.from(content).toString('base64') });
const policy = (more: object) => JSON.stringify({ version: 1, controls: { 'EC2.13': 'auto' }, ...more });
const ENDED = {
  ...{ id: 'a', reason: 'r', owner: 'o', expires: '2020-01-31', criteria: { control: 'EC2.13' } },
};

describe('the validator', () => {
  it.each([
    ['a valid policy', policy({})],
    ['an expired exception, because somebody may deploy an earlier version again', policy({ suppressions: [ENDED] })],
  ])('accepts %s', async (_, content) => {
    await expect(validate(content)).resolves.toBeUndefined();
    expect(requirePermission).toHaveBeenLastCalledWith(Buffer.from(content), expect.anything());
  });

  it.each([
    ['text that is not JSON', 'version: 1', /^The policy is invalid\.\nthe policy: is not JSON: /],
    [
      'every problem at once',
      policy({ controls: { 'EC2.133': 'auto', 'IAM.8': 'auto' }, cap: {} }),
      new RegExp(
        [
          '^The policy is invalid\\.',
          'cap: no such key; did you mean caps\\?',
          'controls\\.EC2\\.133: no remediation handles this control; did you mean EC2\\.13\\?',
          'controls\\.IAM\\.8: is "auto": iam/disable-unused-credentials is destructive, .*',
        ].join('\n'),
      ),
    ],
  ])('refuses %s', async (_, content, message) => {
    await expect(validate(content)).rejects.toThrow(message);
  });
});
