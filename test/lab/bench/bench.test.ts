import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/errors/usage-error.ts';
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { type BenchOptions, benchCommand } from '../../../lab/bench/command.ts';
import { ownTimes, type Recorded, recordAnswers } from '../../../lab/bench/own-time.ts';
import { percentile } from '../../../lab/bench/percentile.ts';
import { sizesUpTo } from '../../../lab/bench/scale.ts';
import { decisionsASecond } from '../../../lab/bench/triage-rate.ts';

describe('a percentile', () => {
  it.each([
    { of: [3, 1, 2], hundredths: 50, is: 2 },
    { of: [4, 1, 2, 3], hundredths: 50, is: 2 },
    { of: [1, 2, 3], hundredths: 100, is: 3 },
    { of: [1, 2, 3], hundredths: 0, is: 1 },
    { of: [7], hundredths: 99, is: 7 },
  ])('$hundredths of $of is $is', ({ of, hundredths, is }) => {
    expect(percentile(of, hundredths)).toBe(is);
  });
  it('of nothing is an error', () => {
    expect(() => percentile([], 50)).toThrow('no values');
  });
});

describe("Suture's own code, AWS answering from memory", () => {
  let recorded: Recorded[];
  beforeAll(async () => {
    recorded = await recordAnswers();
  });
  it('fixes a finding of every remediation, again and again', async () => {
    expect(recorded.map(({ of }) => of.id)).toEqual(remediations.map(({ id }) => id));
    expect(await ownTimes(recorded, 2, 0)).toHaveLength(2 * remediations.length);
  });
  it('stops where an answer is missing: nothing is measured that was not done', async () => {
    const [first] = recorded;
    await expect(ownTimes([{ ...first!, answers: new Map() }], 1, 0)).rejects.toThrow();
  });
  it('decides about findings of every kind', () => {
    expect(
      decisionsASecond(
        recorded.map(({ finding }) => finding),
        1,
      ),
    ).toBeGreaterThan(0);
  });
});

describe('a run to compare with', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const compare = async (content?: string, options: BenchOptions = {}) => {
    const file = join(folder, 'before.json');
    if (content !== undefined) await writeFile(file, content);
    return benchCommand({ compare: content === undefined ? join(folder, 'none.json') : file, ...options }, () => {});
  };

  it.each([
    { says: 'that is not there', content: undefined, message: 'there is no such file' },
    { says: 'that is no JSON', content: '> suture@0.1.0 bench\n{}', message: 'npm run -s bench -- --json' },
    { says: 'that holds something else than figures', content: '{"a":"b"}', message: 'name → figure' },
    { says: 'that holds a list', content: '[1]', message: 'name → figure' },
    { says: 'of another kind', content: '{"scale.archived.100.calls":1}', message: 'with --scale' },
    { says: 'of another kind for --scale', content: '{"a":1}', options: { scale: true }, message: 'without --scale' },
  ])('$says is wrong usage, said before anything is measured', async ({ content, options, message }) => {
    const answer = compare(content, options);
    await expect(answer).rejects.toThrow(UsageError);
    await expect(answer).rejects.toThrow(message);
  });
});

describe('how far --scale goes', () => {
  it('is up to 10,000 findings, in steps, or to as many as are asked for', () => {
    expect(sizesUpTo(10_000)).toMatchObject({ archived: [100, 1_000, 10_000], remediated: [100, 1_000, 10_000] });
    expect(sizesUpTo(3_000).remediated).toEqual([100, 1_000, 3_000]);
  });
  it.each([
    { says: 'too few to see growth', options: { scale: true, findings: 100 }, message: 'growth begins at 100' },
    { says: 'a number without --scale', options: { findings: 500 }, message: 'give both' },
  ])('$says is wrong usage', async ({ options, message }) => {
    const answer = benchCommand(options, () => {});
    await expect(answer).rejects.toThrow(UsageError);
    await expect(answer).rejects.toThrow(message);
  });
});
