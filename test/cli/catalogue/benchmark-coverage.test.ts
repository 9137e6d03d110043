import { describe, expect, it } from 'vitest';
import { benchmarkCoverage, UNCOVERED } from '../../../cli/catalogue/benchmark-coverage.ts';
import { CIS_REQUIREMENTS } from '../../../functions/domain/benchmarks.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

const HANDLED = new Set(REMEDIATIONS.flatMap(({ handles }) => handles.controls));
const ALL = Object.keys(CIS_REQUIREMENTS);

describe('benchmarkCoverage', () => {
  it('holds the reasons to the registry: each control is either handled or explained', () => {
    expect(ALL.filter((control) => !HANDLED.has(control)).toSorted()).toEqual(Object.keys(UNCOVERED).toSorted());
  });
  it('counts each control of a version once, in every version', () => {
    for (const { version, controls, covered, uncovered } of benchmarkCoverage(HANDLED)) {
      const required = ALL.filter((control) => CIS_REQUIREMENTS[control]![version]);
      expect({ version, controls }).toEqual({ version, controls: required.length });
      expect(covered).toBe(required.filter((control) => HANDLED.has(control)).length);
      expect(covered + uncovered.length).toBe(controls);
    }
  });
  it('gives a control its numbers in each version', () => {
    const numbers = benchmarkCoverage(HANDLED).map(({ version, uncovered }) => [
      version,
      uncovered.find(({ control }) => control === 'IAM.5')?.numbers,
    ]);
    expect(numbers).toEqual([
      ['5.0', ['1.9']],
      ['3.0', ['1.10']],
      ['1.4', ['1.10']],
      ['1.2', ['1.2']],
    ]);
  });
  it("counts a package's control as covered", () => {
    const [newest] = benchmarkCoverage(new Set([...HANDLED, 'IAM.2']));
    expect(newest!.uncovered.map(({ control }) => control)).not.toContain('IAM.2');
  });
  it('refuses a control that is neither handled nor explained', () => {
    expect(() => benchmarkCoverage(new Set())).toThrow(/ is in CIS 5.0, and no remediation handles it: say why in /);
  });
});
