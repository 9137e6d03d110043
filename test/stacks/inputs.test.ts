import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetInputs, hashOfFiles, reuseOutput } from '../../stacks/inputs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-inputs-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('output', () => {
  const counted = () => {
    let count = 0;
    return { write: async () => void count++, count: () => count };
  };
  it('is written once for the same inputs, and again for others', async () => {
    const { write, count } = counted();
    for (const inputs of ['a', 'a', 'b', 'b', 'a']) await reuseOutput(join(folder, 'out'), inputs, write);
    expect(count()).toBe(3);
  });
  it('is written again after its inputs were forgotten', async () => {
    const { write, count } = counted();
    await reuseOutput(folder, 'a', write);
    await forgetInputs(folder);
    await reuseOutput(folder, 'a', write);
    expect(count()).toBe(2);
  });
  it('that could not be written is not reused, nor is the output before it', async () => {
    const { write, count } = counted();
    const fail = () => Promise.reject(new Error('the disk is full'));
    await reuseOutput(folder, 'a', write);
    await expect(reuseOutput(folder, 'b', fail)).rejects.toThrow('the disk is full');
    await reuseOutput(folder, 'b', write);
    await expect(reuseOutput(folder, 'a', fail)).rejects.toThrow('the disk is full');
    await reuseOutput(folder, 'b', write);
    expect(count()).toBe(3);
  });
});

it('the hash of files depends on their names and contents, not on their order', async () => {
  const [a, b] = [join(folder, 'a.ts'), join(folder, 'b.ts')];
  await writeFile(a, 'one');
  await writeFile(b, 'two');
  const hash = await hashOfFiles([a, b]);
  expect(await hashOfFiles([b, a])).toBe(hash);
  expect(await hashOfFiles([a])).not.toBe(hash);
  await writeFile(a, await readFile(b));
  await writeFile(b, 'one');
  expect(await hashOfFiles([a, b])).not.toBe(hash);
});
