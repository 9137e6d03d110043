import {
  AccountClient,
  DeleteAlternateContactCommand,
  GetAlternateContactCommand,
  PutAlternateContactCommand,
  type PutAlternateContactCommandInput,
} from '@aws-sdk/client-account';
import {
  EMRClient,
  GetBlockPublicAccessConfigurationCommand,
  PutBlockPublicAccessConfigurationCommand,
} from '@aws-sdk/client-emr';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { account } from '../../../sandbox/services/account/index.ts';
import { emr } from '../../../sandbox/services/emr/index.ts';
import { organizationState } from '../../../sandbox/services/organizations/look-up.ts';
import { joinOrganization } from '../../../sandbox/services/organizations/set-up.ts';
import { administratorClient, CLIENT_ACCOUNT, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await sandboxFor(account, emr);
});
afterEach(() => sandbox.close());

describe('the security contact of an account', () => {
  const AlternateContactType = 'SECURITY';
  const contact = { Name: 'Ann', Title: 'CISO', EmailAddress: 'security@example.com', PhoneNumber: '+1 555 0100' };
  const client = () => administratorClient(sandbox, AccountClient);
  const put = (more: Partial<PutAlternateContactCommandInput> = {}) =>
    client().send(new PutAlternateContactCommand({ AlternateContactType, ...contact, ...more }));
  const shown = async () =>
    (await client().send(new GetAlternateContactCommand({ AlternateContactType }))).AlternateContact;

  it('is missing before it is put and after it is deleted', async () => {
    await expect(shown()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await put();
    await put({ AlternateContactType: 'BILLING', Name: 'Bob' });
    expect(await shown()).toEqual({ AlternateContactType, ...contact });
    await client().send(new DeleteAlternateContactCommand({ AlternateContactType }));
    await expect(shown()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('of a member can be read only by the management account and the delegated administrator of contacts', async () => {
    const [MANAGEMENT, ADMINISTRATOR, MEMBER] = ['000000000001', '222233334444', CLIENT_ACCOUNT] as const;
    joinOrganization(sandbox.kernel, { id: ADMINISTRATOR, name: 'administrator' });
    const read = async (by: string, AccountId: string) => {
      const input = { AlternateContactType, AccountId } as const;
      const answer = new AccountClient(sandbox.administrator(by)).send(new GetAlternateContactCommand(input));
      return (await answer).AlternateContact;
    };
    await put();
    await expect(read(MANAGEMENT, MEMBER)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const { trusted, delegated } = organizationState(sandbox.kernel);
    trusted.add('account.amazonaws.com');
    delegated.set('account.amazonaws.com', new Map([[ADMINISTRATOR, new Date()]]));
    expect(await read(MANAGEMENT, MEMBER)).toMatchObject(contact);
    expect(await read(ADMINISTRATOR, MEMBER)).toMatchObject(contact);
    await expect(read(MEMBER, ADMINISTRATOR)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(read(ADMINISTRATOR, '999999999999')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(read(MANAGEMENT, MANAGEMENT)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each<[Partial<PutAlternateContactCommandInput>, string]>([
    [{ EmailAddress: 'nowhere' }, 'ValidationException'],
    [{ AccountId: '444455556666' }, 'NotModelled'],
  ])('is refused with %o', async (more, name) => {
    await expect(put(more)).rejects.toMatchObject({ name });
  });
});

it('EMR blocks public access except for port 22 by default', async () => {
  const client = administratorClient(sandbox, EMRClient);
  const shown = async () => {
    const answer = await client.send(new GetBlockPublicAccessConfigurationCommand({}));
    return answer.BlockPublicAccessConfiguration;
  };
  expect(await shown()).toEqual({
    BlockPublicSecurityGroupRules: true,
    PermittedPublicSecurityGroupRuleRanges: [{ MinRange: 22, MaxRange: 22 }],
  });
  const off = { BlockPublicSecurityGroupRules: false };
  await client.send(new PutBlockPublicAccessConfigurationCommand({ BlockPublicAccessConfiguration: off }));
  expect(await shown()).toEqual(off);
});
