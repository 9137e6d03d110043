/** Plans at random: a few that must end right, and how one that ends wrong is made small. */
import { describe, expect, it } from 'vitest';
import { plans, smallestWrong } from '../../../bin/soak/plans/run.ts';
import { inWords } from '../../../bin/soak/plans/words.ts';

/** More of them, another day: `npm run soak -- plans`. */
const RUNS = 6;

describe('whatever comes, whatever policy says and whatever fails', () => {
  it('a resource is changed once where policy lets it be, with its undo, and else never', {
    timeout: 120_000,
  }, async () => {
    const report = await plans({ runs: RUNS, seed: 8, progress: () => {} });
    expect(report).toEqual({ carriedOut: RUNS, problems: [] });
    expect(inWords(report)).toContain('6 plans were carried out\nEach changed a resource once');
  });
});

describe('a plan that ends wrong', () => {
  it('is made as small as it can be', async () => {
    const report = await smallestWrong(200, 8, async ({ mode, faults }) => {
      const lost = faults.find(({ kind, role }) => kind === 'killAfter' && role === 'suture-proxy');
      return mode === 'auto' && lost ? [`an undo was lost at call ${lost.nth}`] : [];
    });
    expect(report.smallest).toEqual({
      mode: 'auto',
      findings: [{ events: 1, sameResource: false }],
      faults: [{ kind: 'killAfter', role: 'suture-proxy', nth: 1, times: 1 }],
    });
    expect(report.problems).toEqual(['an undo was lost at call 1']);
    expect(inWords(report)).toContain('1 problems:\nan undo was lost at call 1');
  });
});
