import { expect, it } from 'vitest';
import type { SutureApi } from '../../../cli/clients/api.ts';
import { messagesListCommand } from '../../../cli/commands/messages/list.ts';
import { messagesTestCommand } from '../../../cli/commands/messages/test.ts';

const ERROR = 'Unable to invoke ApiDestination endpoint: Request failed because status code 404 was returned.';

const PLACE = {
  ...{ name: 'tickets', kind: 'jira', kinds: ['opened', 'closed', 'reopened'], severities: ['HIGH'], deadLetters: 1 },
  letters: [{ id: 'test-1', isTest: true, code: 'SDK_CLIENT_ERROR', error: ERROR }],
};
const api = {
  call: async (route: string) =>
    route === 'testMessagePlace' ? { id: 'test-1', at: '2026-01-01T00:00:00.000Z' } : { places: [PLACE] },
};

it('a list on a terminal wraps why messages did not arrive', async () => {
  const { text } = await messagesListCommand({ api: api as SutureApi, isTerminal: true });
  expect(text.replaceAll(/\s+/g, ' ')).toContain('status code 404 was');
  expect(text).not.toContain('…');
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
});

it('a test says at once that it waits, and the reason of a refusal ends with one full stop', async () => {
  const order: string[] = [];
  const { text, failed } = await messagesTestCommand('tickets', {
    api: api as SutureApi,
    progress: (line) => void order.push(line),
    wait: async () => order.push('wait'),
  });
  expect(order).toEqual(['Sent to tickets (jira). Waiting up to 30 seconds for a refusal.', 'wait']);
  expect(failed).toBe(true);
  expect(text).toContain('status code 404 was returned. What each kind of place needs: docs/messages.md.');
});
