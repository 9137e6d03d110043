import { expect, it } from 'vitest';

type Module = typeof import('../../../cli/output/output-errors.ts');

let count = 0;
/** Node loads a module again for each query. */
const load = (): Promise<Module> => import(`../../../cli/output/output-errors.ts?load=${++count}`);

it('listens to errors of stdout once, however often its module is loaded', async () => {
  (await load()).exitOnOutputError();
  const listeners = process.stdout.listenerCount('error');
  (await load()).exitOnOutputError();
  expect(process.stdout.listenerCount('error')).toBe(listeners);
});
