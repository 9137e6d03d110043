import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findSmallestFailure, runPlansSoak } from '../../../lab/soak/plans/run.ts';
import { plansSummary } from '../../../lab/soak/plans/summary.ts';
import { saveProgress } from '../../../lab/soak/progress.ts';

const folder = await mkdtemp(join(tmpdir(), 'suture-plans-'));
afterAll(() => rm(folder, { recursive: true }));

describe('a soak of random plans', () => {
  const state = join(folder, 'plans.json');
  /** Three are left to run. */
  const parameters = { runs: 23, seed: 8 };
  const expected = { plansRun: 23, problems: [] };

  it('finds that a resource changes once if policy allows it, with its undo; continues after the saved parts', async () => {
    await saveProgress(state, { soak: 'plans', ...parameters }, [{ plansRun: 20 }]);
    const report = await runPlansSoak({ ...parameters, state, progress: () => {} });
    expect(report).toEqual(expected);
    expect(JSON.parse(await readFile(state, 'utf8')).done).toEqual([{ plansRun: 20 }, { plansRun: 3 }]);
    expect(plansSummary(report)).toContain('23 plans were run\nEach changed a resource once');
  });
  it('returns the saved report when it is complete', async () => {
    const lines: string[] = [];
    expect(await runPlansSoak({ ...parameters, state, progress: (line) => lines.push(line) })).toEqual(expected);
    expect(lines).toEqual(['23 plans were run before']);
  });
});

it('reduces a plan that fails to the smallest one', async () => {
  const report = await findSmallestFailure(200, 8, async ({ mode, faults }) => {
    const lost = faults.find(({ kind, role }) => kind === 'killAfter' && role === 'suture-proxy');
    return mode === 'auto' && lost ? [`an undo was lost at call ${lost.nth}`] : [];
  });
  expect(report.smallest).toEqual({
    mode: 'auto',
    findings: [{ events: 1, sameResource: false }],
    faults: [{ kind: 'killAfter', role: 'suture-proxy', nth: 1, times: 1 }],
  });
  expect(report.problems).toEqual(['an undo was lost at call 1']);
  expect(plansSummary(report)).toContain('1 problem:\nan undo was lost at call 1');
});
