import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { isFreePort } from '../../../lab/story/serve-options.ts';

afterEach(() => vi.restoreAllMocks());

it.each([
  { typed: ['--seed', '--port', '4730'], command: 'npm run sandbox -- --seed --port 4600' },
  { typed: ['--port=4730', '--incident', 'a,b'], command: 'npm run sandbox -- --incident a,b --port 4600' },
  { typed: [], command: 'npm run sandbox -- --port 4600' },
])('names the whole command with another port: $command', async ({ typed, command }) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isFreePort(port, typed)).toBe(false);
  server.close();
  expect(said.mock.lastCall).toEqual([`Port ${port} is taken. Give another one: ${command}`]);
  expect(await isFreePort(0, typed)).toBe(true);
});
