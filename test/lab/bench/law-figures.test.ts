import { describe, expect, it } from 'vitest';
import { scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { isOverLimit } from '../../../lab/bench/figures.ts';
import { type LawTime, lawRows, processorMsOfLaws } from '../../../lab/bench/law-figures.ts';

const time = (id: string, processorMs: number, form: LawTime['form'] = 'setting'): LawTime => ({
  id,
  form,
  processorMs,
});
const figuresOf = (times: readonly LawTime[]) => lawRows(times).flatMap(({ figures }) => figures);

describe('the time of the laws', () => {
  it('is that of all remediations, and the median of settings', () => {
    const times = [time('a', 1_000), time('b', 1_200), time('c', 9_000), time('d', 20_000, 'own')];
    expect(figuresOf(times).map(({ name, value }) => [name, value])).toEqual([
      ['laws.all', 31.2],
      ['laws.setting.median', 1_200],
    ]);
    expect(lawRows(times)[0]!.note).toBe('slowest: d 20.0 s, c 9.0 s, b 1.2 s, a 1.0 s');
  });
  it('is over the limit beyond three minutes for all, and beyond 1.5 s for a setting', () => {
    const over = (times: readonly LawTime[]) =>
      figuresOf(times)
        .filter(isOverLimit)
        .map(({ name }) => name);
    expect(over([time('a', 1_500), time('b', 178_500, 'own')])).toEqual([]);
    expect(over([time('a', 1_501), time('b', 178_500, 'own')])).toEqual(['laws.all', 'laws.setting.median']);
  });
  it('is measured of a proof in which every law holds', async () => {
    const scenarios = scenariosOf('ECR.1');
    expect(await processorMsOfLaws(scenarios)).toBeGreaterThan(0);
    const [name, scenario] = Object.entries(scenarios.scenarios)[0]!;
    const broken = { ...scenarios, scenarios: { [name]: { ...scenario, expected: 'COMPLIANT' as const } } };
    await expect(processorMsOfLaws(broken as typeof scenarios)).rejects.toThrow('ecr/scan-images breaks the law');
  });
});
