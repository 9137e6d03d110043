import { expect, it, vi } from 'vitest';

const load = () => {
  vi.resetModules();
  return import('../../../cli/output/output-errors.ts');
};

it('listens to errors of stdout once, however often its module is loaded', async () => {
  (await load()).exitOnOutputError();
  const listeners = process.stdout.listenerCount('error');
  (await load()).exitOnOutputError();
  expect(process.stdout.listenerCount('error')).toBe(listeners);
});
