/** A small soak: findings of every kind under every fault, all accounted for; and how one that was interrupted goes on. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Part } from '../../../lab/soak/chunk.ts';
import { ENDS, KINDS, mixOf, SOAKED } from '../../../lab/soak/mix.ts';
import { doneIn, keep } from '../../../lab/soak/progress.ts';
import { type SoakReport, soak } from '../../../lab/soak/run.ts';
import { inWords } from '../../../lab/soak/summary.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-soak-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ASKED = { seed: 5, findings: 100, chunk: 100 };

describe('a hundred events over fifty accounts, while every ninth call fails', () => {
  let report: SoakReport;
  beforeAll(async () => {
    report = await soak({ ...ASKED, state: join(folder, 'small.json'), progress: () => {} });
  }, 300_000);

  it('are each accounted for once, and the accounts are as that says', () => {
    expect(report.problems).toEqual([]);
    expect(ENDS.reduce((sum, end) => sum + report.ends[end], 0)).toBe(report.received);
    expect(report.received).toBeGreaterThanOrEqual(100);
  });
  it('end in every way that their kinds can, and calls fail in many', () => {
    for (const end of ['fixed', 'archived', 'ignored', 'rejected', 'duplicate', 'failed'] as const)
      expect([end, report.ends[end]]).not.toEqual([end, 0]);
    // Rare ones may not have met any of so few calls.
    expect(Object.keys(report.faults).length).toBeGreaterThanOrEqual(6);
  });
  it('are kept: asked again, nothing runs', async () => {
    const told: string[] = [];
    const again = await soak({ ...ASKED, state: join(folder, 'small.json'), progress: (line) => told.push(line) });
    expect(again).toEqual(report);
    expect(told).toEqual(['1 of 1 parts were done before']);
  });
  it('are shown in words', () => {
    expect(inWords(report)).toContain(`= ${report.received} of ${report.received} received`);
    expect(inWords({ ...report, problems: ['a finding was lost'] })).toContain('1 problems:\na finding was lost');
  });
});

describe('the progress of a soak', () => {
  it('is none where there is no file', async () => {
    expect(await doneIn(join(folder, 'none.json'), ASKED, Part)).toEqual([]);
  });
  it('goes on only with what was asked before', async () => {
    const file = join(folder, 'other.json');
    await keep(file, ASKED, []);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...ASKED, done: [] });
    await expect(doneIn(file, { ...ASKED, seed: 6 }, Part)).rejects.toThrow('is of a soak with --seed 5');
  });
  it('that is none is refused', async () => {
    const file = join(folder, 'broken.json');
    await writeFile(file, '{"seed":');
    await expect(doneIn(file, ASKED, Part)).rejects.toThrow('holds no progress of such a soak');
  });
});

describe('the mix', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(mixOf(7, 500)).toEqual(mixOf(7, 500));
    expect(mixOf(7, 500)).not.toEqual(mixOf(8, 500));
  });
  it('has every kind, in fifty accounts', () => {
    const planned = mixOf(1, 10_000);
    expect(new Set(planned.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
    expect(new Set(planned.map(({ account }) => account)).size).toBe(50);
    expect(SOAKED).toHaveLength(50);
  });
});
