import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import { scenarios as every } from '../../functions/remediations/scenarios.generated.ts';
import { type Arranged, type Lab, openLab } from './lab.ts';
import { LAWS, usedActions, wrongPermissions } from './laws.ts';

/** Files over which the remediations are dealt out: more than workers, so that none of these waits long for another. */
export const SHARES = 4;

/** Proves every law for every case of each remediation of this share. */
export function proveShare(share: number): void {
  describe.each(dealtOut()[share]!.map((each) => [each.of.id, each] as const))('%s', (_, each) => proveEach(each));
}

/** The largest first, each to the share that has least to do. */
function dealtOut(): Scenarios[][] {
  const shares = Array.from({ length: SHARES }, () => ({ cases: [] as Scenarios[], work: 0 }));
  const size = ({ scenarios }: Scenarios) => Object.keys(scenarios).length;
  for (const cases of every.toSorted((a, b) => size(b) - size(a))) {
    const least = shares.reduce((a, b) => (b.work < a.work ? b : a));
    least.cases.push(cases);
    least.work += size(cases);
  }
  return shares.map(({ cases }) => cases);
}

function proveEach(cases: Scenarios): void {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab(cases);
  });
  afterAll(() => lab.close());

  describe.each(Object.keys(cases.scenarios))('%s', (name) => {
    let arranged: Arranged;
    beforeAll(async () => {
      arranged = await lab.arrange(name);
    });
    const skipped = (law: string) => cases.scenarios[name]!.skips?.some((skip) => skip.law === law) ?? false;
    for (const { name: law, says, prove } of LAWS) it.skipIf(skipped(law))(says, () => prove(lab, arranged));
  });

  it('declares the permissions that its cases use, as narrow as IAM lets it', async () => {
    expect(await wrongPermissions(cases.of, usedActions(lab))).toEqual([]);
  });
}
