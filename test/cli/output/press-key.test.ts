import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type KeyInput, pressKey } from '../../../cli/output/press-key.ts';

/** A terminal that records its mode. */
function terminal() {
  const modes: boolean[] = [];
  const stream = new PassThrough();
  let written = '';
  const input = Object.assign(stream, { setRawMode: (mode: boolean) => void modes.push(mode) });
  return {
    modes,
    stream,
    press: () => pressKey('[r]eplay > ', input as unknown as KeyInput, { write: (text) => (written += text) }),
    written: () => written,
  };
}

describe('a question for a key', () => {
  it('takes one key without Enter, shows it, and leaves the terminal as it was', async () => {
    const { press, stream, modes, written } = terminal();
    const key = press();
    stream.write('r');
    expect(await key).toBe('r');
    expect(modes).toEqual([true, false]);
    expect(written()).toBe('[r]eplay > r\n');
    expect(stream.isPaused()).toBe(true);
    expect(['data', 'end', 'close', 'error'].map((event) => stream.listenerCount(event))).not.toContain(2);
  });
  it('is asked again on the same terminal, and takes no key that was meant for the one before', async () => {
    const { press, stream } = terminal();
    const first = press();
    stream.write('sq');
    expect(await first).toBe('s');
    const second = press();
    stream.write('e');
    expect(await second).toBe('e');
  });
  it('waits on after Enter, an arrow and a lone control character', async () => {
    const { press, stream } = terminal();
    const key = press();
    for (const nothing of ['\r', '\u001b[A', '\u001a', ' ']) stream.write(nothing);
    stream.write('é');
    expect(await key).toBe('é');
  });
  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends as interrupted on %s, with the terminal as it was', async (_, character) => {
    const { press, stream, modes } = terminal();
    const key = press();
    stream.write(character);
    await expect(key).rejects.toMatchObject({ name: 'Interrupted' });
    expect(modes).toEqual([true, false]);
  });
  it('ends as interrupted at the end of input, and with the error of a terminal that is gone', async () => {
    const [ended, gone] = [terminal(), terminal()];
    const keys = [ended.press(), gone.press()];
    ended.stream.end();
    gone.stream.destroy(new Error('EIO'));
    await expect(keys[0]).rejects.toMatchObject({ name: 'Interrupted' });
    await expect(keys[1]).rejects.toThrow('EIO');
    expect([ended.modes, gone.modes]).toEqual([
      [true, false],
      [true, false],
    ]);
  });
});
