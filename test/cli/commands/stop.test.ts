import { describe, expect, it } from 'vitest';
import type { StopsClient } from '../../../cli/clients/stops.ts';
import { resumeCommand } from '../../../cli/commands/resume.ts';
import { stopCommand } from '../../../cli/commands/stop.ts';

describe.each([
  ['stop', stopCommand],
  ['resume', resumeCommand],
] as const)('suture %s', (name, command) => {
  it('is refused to somebody whom IAM denies it, before the question', async () => {
    const ledger = {
      stopped: async () => ({ at: '2026-01-01T00:00:00Z', by: 'ann', reason: 'why' }),
      requirePermission: async (action: string) => {
        throw new Error(`IAM does not let you ${action}`);
      },
    } as unknown as StopsClient;
    await expect(command({ reason: 'a test', ledger })).rejects.toThrow(`IAM does not let you ${name}`);
  });
});
