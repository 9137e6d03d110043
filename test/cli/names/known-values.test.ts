import { describe, expect, it } from 'vitest';
import type { AccountBook } from '../../../cli/clients/account-book.ts';
import { type NamedValues, requireKnown } from '../../../cli/names/known-values.ts';

const book: AccountBook = {
  read: async () => undefined,
  ids: async () => ['333333333333', '444444444444'],
  unitPaths: async () => ['/Production', '/Production/Shop'],
};
const EMPTY: AccountBook = { ...book, ids: async () => [], unitPaths: async () => [] };
const isUsed = async ({ control, error }: Pick<NamedValues, 'control' | 'error'>) =>
  control === 'Newer.1' || error === 'NoSuchBucket';

describe('a value of a filter', () => {
  it.each<[values: NamedValues, message: string]>([
    [{ control: 'EC2.113' }, 'There is no control "EC2.113"; did you mean EC2.13?'],
    [
      { remediation: 'ec2/close-admin-port' },
      'There is no remediation "ec2/close-admin-port"; did you mean ec2/close-admin-ports?',
    ],
    [
      { error: 'MemberRoleUnavailabel' },
      'No finding has failed with "MemberRoleUnavailabel"; did you mean MemberRoleUnavailable?',
    ],
    [{ region: 'us-east-11' }, 'There is no Region "us-east-11"; did you mean us-east-1?'],
    [{ account: '333333333334' }, 'There is no account "333333333334" in the organization; did you mean 333333333333?'],
    [
      { ou: '/Sandbox' },
      'There is no organizational unit "/Sandbox" in the organization. There are: /, /Production, /Production/Shop.',
    ],
    [
      { ou: '/Productoin' },
      'There is no organizational unit "/Productoin" in the organization; did you mean /Production?',
    ],
  ])('that nothing has is refused: %j', async (values, message) => {
    await expect(requireKnown(values, book, isUsed)).rejects.toThrow(message);
    await expect(requireKnown(values, book, isUsed)).rejects.toMatchObject({ name: 'UsageError' });
  });
  it.each<NamedValues>([
    { control: 'EC2.13' },
    { control: 'ec2.13' },
    { control: 'Newer.1' },
    { account: '444444444444', region: 'eu-central-1', ou: '/Production/Shop', remediation: 's3/require-tls' },
    { ou: '/' },
    { error: 'CircuitOpen' },
    { error: 'ExecutionAborted' },
    { error: 'States.Timeout' },
    { error: 'StillFailing' },
    { error: 'NoSuchBucket' },
  ])('that something may have is taken: %j', async (values) => {
    await expect(requireKnown(values, book, isUsed)).resolves.toBeUndefined();
  });
  it('is taken before the directory has listed accounts', async () => {
    await expect(requireKnown({ account: '999999999999', ou: '/New' }, EMPTY, isUsed)).resolves.toBeUndefined();
  });
});
