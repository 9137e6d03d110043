import { IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it } from 'vitest';
import createSupportRole from '../../../../functions/remediations/iam/create-support-role/index.ts';
import { SUPPORT_PARAMS } from '../../../../functions/remediations/iam/support-role.ts';
import type { Sandbox } from '../../../../sandbox/create-sandbox.ts';
import { administratorClient, CLIENT_PLACE, sandboxFor } from '../../../sandbox/support/sdk-client.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await sandboxFor();
});
afterEach(() => sandbox.close());

it('refuses to trust a role that does not exist, and names it', async () => {
  const trusts = [`arn:aws:iam::${CLIENT_PLACE.account}:role/nobody`];
  const params = SUPPORT_PARAMS.params.parse({ trusts });
  const iam = administratorClient(sandbox, IAMClient);
  const context = { ...CLIENT_PLACE, iam, params, target: {}, targets: [], control: 'IAM.18', now: new Date(0) };
  const from = (await createSupportRole.read(context as never))!;
  const to = { role: 'named', attached: true, others: false } as const;
  expect(await createSupportRole.write(context as never, from, to)).toEqual({
    refused: expect.stringMatching(/params\.trusts names: .*role\/nobody/),
  });
});

it.each(['*', 'arn:aws:iam::444455556666:role/*', 'arn:aws:iam::*:root', '4444', 'cloudtrail.amazonaws.com'])(
  'the principal %s is invalid',
  (principal) => expect(SUPPORT_PARAMS.params.safeParse({ trusts: [principal] }).success).toBe(false),
);
