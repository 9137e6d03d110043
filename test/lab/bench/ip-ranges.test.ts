import { execFile } from 'node:child_process';
import { link, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ipRangesBench, type ReplayResult } from '../../../lab/bench/ip-ranges.ts';

const FIXTURES = new URL('../../fixtures/ip-ranges', import.meta.url).pathname;

describe('npm run bench -- ip-ranges', () => {
  it('replays a directory of documents beside a revoke-first, index-chunked updater', async () => {
    const { documents, results } = JSON.parse(await ipRangesBench({ documents: FIXTURES, json: true }));
    expect(documents).toBe(10);
    for (const service of ['CLOUDFRONT_ORIGIN_FACING', 'CLOUDFRONT']) {
      const [suture, other] = ['suture', 'revoke-first'].map((updater) =>
        results.find((one: { service: string; updater: string }) => one.service === service && one.updater === updater),
      );
      expect(suture.authorized).toBeLessThan(other.authorized);
      expect(suture.revoked).toBeLessThan(other.revoked);
      expect(suture.lost).toBe(0);
      expect(other.lost).toBeGreaterThan(0);
      expect(suture.groups).toBeLessThanOrEqual(other.groups);
    }
  });
  it('replays in the order of the syncTokens: the last one counts', async () => {
    const { results } = JSON.parse(
      await ipRangesBench({ documents: FIXTURES, service: ['CLOUDFRONT_ORIGIN_FACING'], ports: '80,443', json: true }),
    );
    const [{ authorized, revoked, documents }] = results;
    expect([documents, authorized - revoked]).toEqual([5, 2 * (46 + 3)]);
  });
  it('refuses a directory that cannot be read', async () => {
    await expect(ipRangesBench({ documents: '/nowhere' })).rejects.toThrow(/cannot be read/);
  });
  it('takes families, cover, ports, limits and an interface, and counts every call that changes something', async () => {
    const only = { documents: FIXTURES, service: ['CLOUDFRONT_ORIGIN_FACING'], family: ['IPv4'], json: true };
    const of = async (more: object) => JSON.parse(await ipRangesBench({ ...only, ...more })).results as ReplayResult[];
    const [suture, other] = await of({ from: 1761592704, cover: 'raw' });
    // Two groups: created, sealed, filled; the sample's are not sealed.
    expect([suture!.calls > 6, suture!.groups, other!.groups]).toEqual([true, 2, 2]);
    const [attached, otherAttached] = await of({ from: 1761592704, cover: 'raw', interface: true });
    expect([attached!.calls - suture!.calls, otherAttached!.calls - other!.calls]).toEqual([1, 2]);
    expect((await of({ rulesPerGroup: 20 }))[0]!.groups).toBeGreaterThan(3);
    expect((await of({ cover: 'minimal', ports: '80,443' }))[0]).toMatchObject({ lost: 0, inexact: 0 });
    await expect(of({ cover: 'some' })).rejects.toThrow(/cover is "some"/);
    const [oneGroup] = await of({ interface: true, groupsPerInterface: 1, from: 1761592704 });
    expect([oneGroup!.groups, oneGroup!.lost, oneGroup!.inexact > 0]).toEqual([1, 0, true]);
  });
  it('needs 82 calls in 4 groups for CloudFront’s IPv4 documents of 2021 to 2026, and never loses a wanted range', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ranges-'));
    try {
      const lines = (await readFile(join(FIXTURES, 'cloudfront-v4-changes.jsonl'), 'utf8')).trim().split('\n');
      let rows: string[] = [];
      for (const { syncToken, add, remove } of lines.map((line) => JSON.parse(line))) {
        rows = [...rows.filter((row) => !remove.includes(row)), ...add];
        const prefixes = rows.map((ip_prefix) => ({ ip_prefix, region: 'GLOBAL', service: 'CLOUDFRONT' }));
        const document = { syncToken, createDate: '', prefixes, ipv6_prefixes: [] };
        await writeFile(join(directory, `${syncToken}.json`), JSON.stringify(document));
      }
      const options = { documents: directory, service: ['CLOUDFRONT'], json: true };
      const { documents, results } = JSON.parse(await ipRangesBench(options));
      expect(documents).toBe(108);
      expect(results[0]).toMatchObject({ updater: 'suture', calls: 82, groups: 4, lost: 0, inexact: 0 });
      expect(results[1].lost).toBeGreaterThan(0);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
  it('reads one document at a time', { timeout: 120_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ranges-'));
    try {
      const row = (n: number) => ({ ip_prefix: `10.${n >> 8}.${n & 255}.0/24`, region: 'GLOBAL', service: 'S3' });
      const prefixes = [...Array.from({ length: 20_000 }, (_, n) => row(n)), { ...row(1), service: 'CLOUDFRONT' }];
      const document = { syncToken: '1', createDate: '', prefixes, ipv6_prefixes: [] };
      await writeFile(join(directory, '0.json'), JSON.stringify(document));
      for (let n = 1; n < 60; n++) await link(join(directory, '0.json'), join(directory, `${n}.json`));
      // All of them at once take 60 times 5 MB.
      const program = new URL('../../../bin/bench.ts', import.meta.url).pathname;
      const run = promisify(execFile)(
        process.execPath,
        [
          '--max-old-space-size=120',
          program,
          'ip-ranges',
          '--documents',
          directory,
          '--service',
          'CLOUDFRONT',
          '--json',
        ],
        { maxBuffer: 1e6 },
      );
      expect(JSON.parse((await run).stdout)).toMatchObject({ documents: 60 });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
