import { CreateNetworkAclCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { type AclEntry, withoutAdminPorts } from '../../../../functions/remediations/ec2/acl-entries.ts';
import { addEntries, allowed } from '../../../../functions/remediations/ec2/acl-fixtures.ts';
import {
  entryText,
  findAcl,
  inboundEntries,
  writeEntries,
} from '../../../../functions/remediations/ec2/network-acl.ts';
import { ec2 } from '../../../../sandbox/services/ec2/index.ts';
import { administratorClient, sandboxFor } from '../../../sandbox/support/sdk-client.ts';

const [ANY, ANY6] = ['0.0.0.0/0', '::/0'];
const narrowed = (entries: readonly AclEntry[], others: readonly number[] = []) => {
  const result = withoutAdminPorts(entries, others);
  return 'crowded' in result ? entryText(result.crowded) : result.map(entryText);
};

describe('an ACL without SSH and RDP for everybody', () => {
  it('has the remaining parts of an entry between its neighbours', () => {
    const entries = [
      allowed(99, '6', '10.0.0.0/8', 22),
      allowed(100, '-1', ANY!),
      allowed(101, '-1', ANY6!, undefined),
    ];
    expect(narrowed([entries[1]!, entries[2]!], [50])).toHaveLength(16);
    expect(narrowed(entries)).toBe('100 allow all protocols from 0.0.0.0/0');
    expect(narrowed([entries[0]!, allowed(200, '6', ANY!, 0, 1024), allowed(202, '6', ANY!, 443)])).toEqual([
      '99 allow TCP 22-22 from 10.0.0.0/8',
      '200 allow TCP 0-21 from 0.0.0.0/0',
      '201 allow TCP 23-1024 from 0.0.0.0/0',
      '202 allow TCP 443-443 from 0.0.0.0/0',
    ]);
  });

  it('is the same after a crash between two writes', () => {
    const entries = [allowed(100, '-1', ANY!), allowed(103, '6', ANY!, 0, 65_535)];
    const whole = withoutAdminPorts(entries, []) as AclEntry[];
    const added = whole.filter(({ rule }) => !entries.some((each) => each.rule === rule));
    for (let count = 0; count <= added.length; count++)
      expect(withoutAdminPorts([...entries, ...added.slice(0, count)], [])).toEqual(whole);
  });

  it('keeps entries that the control does not count', () => {
    const others = [
      allowed(10, '6', ANY!, 443),
      allowed(20, '1', ANY!),
      allowed(30, '-1', '10.0.0.0/8'),
      { ...allowed(40, '-1', ANY!), action: 'deny' as const },
    ];
    expect(narrowed(others)).toEqual(others.map(entryText));
  });
});

it('an ACL without room for the parts is unchanged', async () => {
  const sandbox = await sandboxFor(ec2);
  const client = administratorClient(sandbox, EC2Client);
  const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId: Vpc!.VpcId }));
  const acl = NetworkAcl!.NetworkAclId!;
  const context = { ec2: client, target: { acl } };
  const filling = Array.from({ length: 16 }, (_, n) => allowed(1000 + n, '6', '10.0.0.0/8', 443));
  await addEntries(client, acl, [allowed(100, '-1', ANY!), ...filling]);
  const before = inboundEntries((await findAcl(context))!);
  const wanted = withoutAdminPorts(before, []) as AclEntry[];
  expect(await writeEntries(context, before, wanted)).toEqual({
    refused: expect.stringMatching(/no room for the 6 entries of the split: NetworkAclEntryLimitExceeded/),
  });
  expect(inboundEntries((await findAcl(context))!)).toEqual(before);
  await sandbox.close();
});
