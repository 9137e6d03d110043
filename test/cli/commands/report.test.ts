import { expect, it } from 'vitest';
import { reportCommand } from '../../../cli/commands/report.ts';

it('refuses a directory that does not exist before it makes the report', async () => {
  const aws = {
    region: 'us-east-1',
    credentials: async () => {
      throw new Error('asked AWS');
    },
  };
  const options = { from: '1d', output: '/nowhere/report.html', aws };
  await expect(reportCommand(options as never)).rejects.toThrow('/nowhere/report.html: there is no such directory.');
});
