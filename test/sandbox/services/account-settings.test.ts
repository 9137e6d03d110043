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
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

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

  it('is missing until somebody puts one, and after it is deleted', async () => {
    await expect(shown()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await put();
    await put({ AlternateContactType: 'BILLING', Name: 'Bob' });
    expect(await shown()).toEqual({ AlternateContactType, ...contact });
    await client().send(new DeleteAlternateContactCommand({ AlternateContactType }));
    await expect(shown()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each<[Partial<PutAlternateContactCommandInput>, string]>([
    [{ EmailAddress: 'nowhere' }, 'ValidationException'],
    [{ AccountId: '444455556666' }, 'NotModelled'],
  ])('is refused with %o', async (more, name) => {
    await expect(put(more)).rejects.toMatchObject({ name });
  });
});

it('EMR blocks public access but for port 22, until somebody changes that', async () => {
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
