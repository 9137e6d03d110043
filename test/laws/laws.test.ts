import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cases as all } from '../../functions/remediations/cases.ts';
import { type Arranged, type Lab, openLab } from './lab.ts';
import { LAWS, usedActions, wrongPermissions } from './laws.ts';

describe.each(all.map((cases) => [cases.of.id, cases] as const))('%s', (_, cases) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab(cases);
  });
  afterAll(() => lab.close());

  describe.each(Object.keys(cases.cases))('%s', (name) => {
    let arranged: Arranged;
    beforeAll(async () => {
      arranged = await lab.arrange(name);
    });
    const skipped = (law: string) => cases.cases[name]!.skips?.some((skip) => skip.law === law) ?? false;
    for (const { name: law, says, prove } of LAWS) it.skipIf(skipped(law))(says, () => prove(lab, arranged));
  });

  it('declares the permissions that its cases use, as narrow as IAM lets it', async () => {
    expect(await wrongPermissions(cases.of, usedActions(lab))).toEqual([]);
  });
});
