import { expect, it, vi } from 'vitest';
import { Interrupted } from '../../cli/errors/interrupted.ts';
import { Interruption } from '../../smoke/interruption.ts';

it('ends the pause that is in progress, and every later one', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const interruption = new Interruption();
  await interruption.pause(0);
  const waiting = interruption.pause(3_600_000);
  interruption.signal();
  await expect(waiting).rejects.toBeInstanceOf(Interrupted);
  await expect(interruption.pause(0)).rejects.toBeInstanceOf(Interrupted);
  expect(error).toHaveBeenCalledWith(expect.stringContaining('Ctrl-C again ends at once'));
  error.mockRestore();
});
