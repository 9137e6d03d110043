/** The way of docs/try.md: a scanner fails, Suture fixes what waits in Security Hub, a rollback brings the fault back. */
import { GetKeyRotationStatusCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { backfillCommand } from '../../../cli/commands/backfill.ts';
import { listCommand } from '../../../cli/commands/list.ts';
import { rollbackCommand } from '../../../cli/commands/rollback.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../../../lab/organization/organization.ts';
import { serveOptions } from '../../../lab/story/serve-options.ts';
import { FIXABLE_FINDINGS, storeFindings } from '../../../lab/story/story.ts';
import { testOperator } from '../../support/operator.ts';

const SHOP = '333333333333';

let organization: RunningOrganization;
beforeAll(async () => {
  organization = await runOrganization(SAMPLE_MEMBERS);
  await storeFindings(organization.sandbox, organization.context, FIXABLE_FINDINGS);
  await organization.sandbox.settled();
});
afterAll(() => organization.sandbox.close());

/** Asks as a scanner does: every key of the account. */
async function areKeysRotated(): Promise<(boolean | undefined)[]> {
  const kms = new KMSClient(organization.sandbox.administrator(SHOP));
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  const answers = Keys.map(({ KeyId }) => kms.send(new GetKeyRotationStatusCommand({ KeyId })));
  return (await Promise.all(answers)).map(({ KeyRotationEnabled }) => KeyRotationEnabled);
}

async function backfill(options: object): Promise<unknown> {
  const selection = { control: 'KMS.4', account: SHOP, reason: 'to see the scanner pass' };
  const { text } = await backfillCommand({ ...testOperator(organization), ...selection, ...options });
  await organization.sandbox.settled();
  return JSON.parse(text);
}

it('stores findings of several services and accounts, and sends none', async () => {
  expect(new Set(FIXABLE_FINDINGS.map(({ control }) => control)).size).toBeGreaterThan(4);
  expect(JSON.parse(await listCommand({ ...testOperator(organization), limit: 1000 }))).toEqual([]);
  expect(await areKeysRotated()).toEqual([false]);
});

it('a backfill finds each by its control, observes it first, and fixes it with --apply', async () => {
  for (const { control, account } of FIXABLE_FINDINGS)
    expect(await backfill({ control, account, dryRun: true })).toMatchObject({ counts: { [control]: 1 } });
  expect(await backfill({})).toMatchObject({ started: 1, problems: [] });
  expect(await areKeysRotated()).toEqual([false]);
  expect(await backfill({ apply: true })).toMatchObject({ started: 1, problems: [] });
  expect(await areKeysRotated()).toEqual([true]);
});

it('a rollback brings the fault back', async () => {
  const options = { ...testOperator(organization), control: 'KMS.4', account: SHOP, reason: 'to see it fail again' };
  expect(JSON.parse((await rollbackCommand(undefined, options)).text)).toMatchObject({
    plan: [expect.anything()],
    problems: [],
  });
  await organization.sandbox.settled();
  expect(await areKeysRotated()).toEqual([false]);
});

it('the sandbox refuses to both send and keep findings', () => {
  const error = vi.spyOn(console, 'error').mockReturnValue();
  expect(serveOptions(['--seed', '--faulty'])).toBeUndefined();
  expect(error).toHaveBeenCalledWith(expect.stringMatching(/--seed .* --faulty .*give one/));
  error.mockRestore();
});
