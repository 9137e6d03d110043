/** Plans at random: a few that must end right, and how one that ends wrong is made small. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { plans, smallestWrong } from '../../../lab/soak/plans/run.ts';
import { inWords } from '../../../lab/soak/plans/summary.ts';
import { keep } from '../../../lab/soak/progress.ts';

const folder = await mkdtemp(join(tmpdir(), 'suture-plans-'));
afterAll(() => rm(folder, { recursive: true }));

describe('whatever comes, whatever policy says and whatever fails', () => {
  const state = join(folder, 'plans.json');
  /** Six are left; more of them, another day: `npm run soak -- plans`. */
  const asked = { runs: 26, seed: 8 };
  const right = { carriedOut: 26, problems: [] };

  it('a resource is changed once where policy lets it be, with its undo, and else never; parts that are done stay done', async () => {
    await keep(state, { soak: 'plans', ...asked }, [{ carriedOut: 20 }]);
    const report = await plans({ ...asked, state, progress: () => {} });
    expect(report).toEqual(right);
    expect(JSON.parse(await readFile(state, 'utf8')).done).toEqual([{ carriedOut: 20 }, { carriedOut: 6 }]);
    expect(inWords(report)).toContain('26 plans were carried out\nEach changed a resource once');
  });
  it('nothing is begun again where all are done', async () => {
    const said: string[] = [];
    expect(await plans({ ...asked, state, progress: (line) => said.push(line) })).toEqual(right);
    expect(said).toEqual(['26 plans were carried out before']);
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
