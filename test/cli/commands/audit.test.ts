import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { auditVerifyCommand } from '../../../cli/commands/audit/verify.ts';
import { type ChainHead, linkHash, linkName, nextLink } from '../../../functions/domain/audit-chain.ts';

let directory: string;
let head: ChainHead | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suture-audit-'));
  await mkdir(join(directory, 'chain'));
  head = undefined;
  for (const id of ['a', 'b', 'c']) {
    const line = { id, at: '2026-11-29T00:00:00Z', change: 'INSERT' as const, pk: 'audit#stops', sk: id };
    const { sequence, text } = nextLink(head, [line], '2026-11-29T00:00:00Z');
    await writeFile(join(directory, linkName(sequence)), text);
    head = { sequence, hash: linkHash(text) };
  }
});
afterEach(() => rm(directory, { recursive: true }));

it('suture audit verify accepts an untouched chain and names its newest hash', async () => {
  expect(await auditVerifyCommand(directory, {})).toEqual({
    text: `3 links (1 to 3) with 3 changes. The newest has the hash ${head!.hash}.`,
    failed: false,
  });
  expect(await auditVerifyCommand(directory, { head: head!.hash })).toMatchObject({ failed: false });
});

it('says what is missing', async () => {
  await rm(join(directory, linkName(2)));
  expect(await auditVerifyCommand(directory, {})).toMatchObject({
    text: expect.stringContaining('link 2 is missing'),
    failed: true,
  });
});

it('finds missing links at the end by a hash that somebody noted', async () => {
  await rm(join(directory, linkName(3)));
  expect(await auditVerifyCommand(directory, {})).toMatchObject({ failed: false });
  const { text, failed } = await auditVerifyCommand(directory, { head: head!.hash, json: true });
  expect([JSON.parse(text).problems, failed]).toEqual([[expect.stringContaining('links are missing')], true]);
});

it('refuses a directory without a chain', async () => {
  await expect(auditVerifyCommand(join(directory, 'none'), {})).rejects.toThrow('There is no directory');
  await rm(join(directory, 'chain'), { recursive: true });
  await expect(auditVerifyCommand(directory, {})).rejects.toThrow('has no link of the audit chain');
});
