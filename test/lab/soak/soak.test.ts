/** A small soak with findings of every kind and every fault. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChunkReport } from '../../../lab/soak/chunk.ts';
import { FINDING_KINDS, findingMix, SOAK_MEMBERS, SOAK_OUTCOMES } from '../../../lab/soak/mix.ts';
import { readProgress, saveProgress } from '../../../lab/soak/progress.ts';
import { runFindingsSoak, type SoakReport } from '../../../lab/soak/run.ts';
import { soakSummary } from '../../../lab/soak/summary.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-soak-'));
});
afterAll(() => rm(folder, { recursive: true }));

const PARAMETERS = { seed: 5, findings: 100, chunk: 100 };

describe('a soak of a hundred events in fifty accounts, while every ninth call fails', () => {
  let report: SoakReport;
  beforeAll(async () => {
    report = await runFindingsSoak({ ...PARAMETERS, state: join(folder, 'small.json'), progress: () => {} });
  }, 300_000);

  it('accounts for each event once', () => {
    expect(report.problems).toEqual([]);
    expect(SOAK_OUTCOMES.reduce((sum, outcome) => sum + report.outcomes[outcome], 0)).toBe(report.received);
    expect(report.received).toBeGreaterThanOrEqual(100);
  });
  it('has every outcome and most faults', () => {
    for (const outcome of ['fixed', 'archived', 'ignored', 'rejected', 'duplicate', 'failed'] as const)
      expect([outcome, report.outcomes[outcome]]).not.toEqual([outcome, 0]);
    // Rare faults may miss so small a number of calls.
    expect(Object.keys(report.faults).length).toBeGreaterThanOrEqual(6);
  });
  it('returns the saved report when it is complete', async () => {
    const lines: string[] = [];
    const state = join(folder, 'small.json');
    const again = await runFindingsSoak({ ...PARAMETERS, state, progress: (line) => lines.push(line) });
    expect(again).toEqual(report);
    expect(lines).toEqual(['1 of 1 parts were done before']);
  });
  it('has a summary', () => {
    expect(soakSummary(report)).toContain(`= ${report.received} of ${report.received} received`);
    expect(soakSummary({ ...report, problems: ['a finding was lost'] })).toContain('1 problem:\na finding was lost');
  });
});

describe('the progress of a soak', () => {
  it('is empty without a file', async () => {
    expect(await readProgress(join(folder, 'none.json'), PARAMETERS, ChunkReport)).toEqual([]);
  });
  it('is refused for other parameters', async () => {
    const file = join(folder, 'other.json');
    await saveProgress(file, PARAMETERS, []);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ ...PARAMETERS, done: [] });
    await expect(readProgress(file, { ...PARAMETERS, seed: 6 }, ChunkReport)).rejects.toThrow(
      'belongs to a soak with --seed 5',
    );
  });
  it('is refused if the file has another content', async () => {
    const file = join(folder, 'broken.json');
    await writeFile(file, '{"seed":');
    await expect(readProgress(file, PARAMETERS, ChunkReport)).rejects.toThrow('has no progress of this kind of soak');
  });
});

describe('the mix of findings', () => {
  it('depends on the seed alone', () => {
    expect(findingMix(7, 500)).toEqual(findingMix(7, 500));
    expect(findingMix(7, 500)).not.toEqual(findingMix(8, 500));
  });
  it('has every kind, in fifty accounts', () => {
    const specs = findingMix(1, 10_000);
    expect(new Set(specs.map(({ kind }) => kind))).toEqual(new Set(Object.keys(FINDING_KINDS)));
    expect(new Set(specs.map(({ account }) => account)).size).toBe(50);
    expect(SOAK_MEMBERS).toHaveLength(50);
  });
});
