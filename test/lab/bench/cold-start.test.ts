import { expect, it } from 'vitest';
import { factsRow } from '../../../lab/bench/cold-start.ts';

it('the facts of all remediations are measured as a bundle of their own, smaller than that of one remediation', async () => {
  const [size, load] = (await factsRow()).figures;
  expect(size).toMatchObject({ name: 'cold-start.facts.kb', unit: ' KB' });
  expect(size!.value).toBeGreaterThan(50);
  expect(size!.value).toBeLessThan(400);
  expect(load).toMatchObject({ name: 'cold-start.facts.load', unit: ' ms' });
  expect(load!.value).toBeGreaterThan(0);
});
