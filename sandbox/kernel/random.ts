/** All randomness of a sandbox, from one seed: numbers and ids in AWS's form. A pinned id replaces the next one. */

export type Randomness = {
  random(): number;
  id(prefix: string, digits: number, pinnedAs?: string): string;
  pinId(prefix: string, id: string): void;
  unpinIds(): void;
  uuid(pinnedAs?: string): string;
};

export function randomness(seed: number): Randomness {
  let state = seed >>> 0;
  const pinned = new Map<string, string[]>();

  /** Mulberry32: small, fast, and good enough for jitter and ids. */
  function random(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const eightDigits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const hex = (digits: number) => {
    let text = '';
    while (text.length < digits) text += eightDigits();
    return text.slice(0, digits);
  };

  return {
    random,
    id: (prefix, digits, pinnedAs = prefix) => pinned.get(pinnedAs)?.shift() ?? prefix + hex(digits),
    pinId: (prefix, id) => void pinned.set(prefix, [...(pinned.get(prefix) ?? []), id]),
    unpinIds: () => pinned.clear(),
    uuid: (pinnedAs = '') =>
      pinned.get(pinnedAs)?.shift() ??
      `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(random() * 4)]}${hex(3)}-${hex(12)}`,
  };
}
