import { expect, it, vi } from 'vitest';
import { logger } from '../../../functions/aws/observe.ts';
import { commandToReplay, SutureError } from '../../../functions/contract/errors.ts';

it('logs commands as operators type them, in fields and in errors, and those of a clone as they are', () => {
  const lines: string[] = [];
  const { console } = logger as unknown as { console: Console };
  const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
  const level = logger.getLevelName();
  logger.setLogLevel('ERROR');
  try {
    const because = `Replay it: ${commandToReplay('Stopped')}`;
    logger.error('failed', {
      ...{ error: new SutureError('Stopped', because), because },
      how: 'npm run -s suture -- rollout',
    });
  } finally {
    logger.setLogLevel(level);
    spy.mockRestore();
  }
  const { error, because, how } = JSON.parse(lines[0]!);
  expect([error.message, because]).toEqual(
    Array(2).fill('Replay it: suture replay --failed --error Stopped --reason "…"'),
  );
  expect(how).toBe('npm run -s suture -- rollout');
});
