import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/errors/usage-error.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { type BenchOptions, benchCommand } from '../../../lab/bench/command.ts';
import { ownTimes, type Recording, recordAnswers } from '../../../lab/bench/own-time.ts';
import { percentileOf } from '../../../lab/bench/percentile.ts';
import { sizesUpTo } from '../../../lab/bench/scale.ts';
import { decisionsPerSecond } from '../../../lab/bench/triage-rate.ts';

describe('a percentile', () => {
  it.each([
    { of: [3, 1, 2], percent: 50, is: 2 },
    { of: [4, 1, 2, 3], percent: 50, is: 2 },
    { of: [1, 2, 3], percent: 100, is: 3 },
    { of: [1, 2, 3], percent: 0, is: 1 },
    { of: [7], percent: 99, is: 7 },
  ])('$percent of $of is $is', ({ of, percent, is }) => {
    expect(percentileOf(of, percent)).toBe(is);
  });
  it('of no values is an error', () => {
    expect(() => percentileOf([], 50)).toThrow('no values');
  });
});

describe("Suture's own code with AWS's answers from memory", () => {
  let recordings: Recording[];
  beforeAll(async () => {
    recordings = await recordAnswers();
  });
  it('fixes a finding of every remediation, several times', async () => {
    expect(recordings.map(({ remediation }) => remediation.id)).toEqual(REMEDIATIONS.map(({ id }) => id));
    expect(await ownTimes(recordings, 2, 0)).toHaveLength(2 * REMEDIATIONS.length);
  });
  it('fails if an answer is missing, so that no partial fix is measured', async () => {
    const [first] = recordings;
    await expect(ownTimes([{ ...first!, answers: new Map() }], 1, 0)).rejects.toThrow('was not recorded');
  });
  it('decides about findings of every remediation', () => {
    expect(
      decisionsPerSecond(
        recordings.map(({ finding }) => finding),
        1,
      ),
    ).toBeGreaterThan(0);
  });
});

describe('a file to compare with', () => {
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
    { says: 'that does not exist', content: undefined, message: 'there is no such file' },
    { says: 'that is not JSON', content: '> suture@0.1.0 bench\n{}', message: 'npm run -s bench -- --json' },
    { says: 'without figures', content: '{"a":"b"}', message: 'name → figure' },
    { says: 'with an array', content: '[1]', message: 'name → figure' },
    { says: 'of --scale', content: '{"scale.archived.100.calls":1}', message: 'with --scale' },
    { says: 'of a run without --scale', content: '{"a":1}', options: { scale: true }, message: 'without --scale' },
  ])('$says is wrong usage, found before anything is measured', async ({ content, options, message }) => {
    const result = compare(content, options);
    await expect(result).rejects.toThrow(UsageError);
    await expect(result).rejects.toThrow(message);
  });
});

describe('the sizes of --scale', () => {
  it('grow in steps to 10,000 findings, or to the given number', () => {
    expect(sizesUpTo(10_000)).toMatchObject({ archived: [100, 1_000, 10_000], remediated: [100, 1_000, 10_000] });
    expect(sizesUpTo(3_000).remediated).toEqual([100, 1_000, 3_000]);
  });
  it.each([
    { says: 'a number too small for growth', options: { scale: true, findings: 100 }, message: 'give more than 100' },
    { says: 'a number without --scale', options: { findings: 500 }, message: 'give both' },
  ])('$says is wrong usage', async ({ options, message }) => {
    const result = benchCommand(options, () => {});
    await expect(result).rejects.toThrow(UsageError);
    await expect(result).rejects.toThrow(message);
  });
});
