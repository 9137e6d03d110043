import { describe, expect, it } from 'vitest';
import { appendLines } from '../../../functions/audit-trail/append.ts';
import {
  type AuditLine,
  type ChainHead,
  headOf,
  linkHash,
  linkName,
  nextLink,
  sequenceOf,
  verifyChain,
} from '../../../functions/domain/audit-chain.ts';

const line = (id: string): AuditLine => ({
  id,
  at: '2026-11-29T00:00:00Z',
  change: 'INSERT',
  pk: 'audit#stops',
  sk: id,
});

function chainOf(...ids: string[]): Map<number, string> {
  const texts = new Map<number, string>();
  let head: ChainHead | undefined;
  for (const id of ids) {
    const { sequence, text } = nextLink(head, [line(id)], '2026-11-29T00:00:00Z');
    texts.set(sequence, text);
    head = headOf(sequence, text);
  }
  return texts;
}
const problemsAfter = (change: (texts: Map<number, string>) => void) => {
  const texts = chainOf('a', 'b', 'c', 'd');
  change(texts);
  return verify(texts).problems;
};
const YEAR_LATER = Date.parse('2027-11-30T00:00:00Z');
const verify = (texts: ReadonlyMap<number, string>, now = YEAR_LATER) =>
  verifyChain(
    [...texts].map(([sequence, text]) => ({ name: linkName(sequence), text })),
    now,
  );

describe('a chain', () => {
  it('that is unchanged has no problems, and a head', () => {
    const texts = chainOf('a', 'b', 'a');
    const head = { sequence: 3, hash: linkHash(texts.get(3)!) };
    expect(verify(texts)).toEqual({ links: 3, lines: 3, repeated: 1, head, oldest: 1, problems: [] });
  });

  it('may begin later if its first links have expired', () => {
    const texts = chainOf('a', 'b', 'c');
    texts.delete(1);
    expect(verify(texts).problems).toEqual([]);
    const [problem, ...others] = verify(texts, YEAR_LATER - 2 * 86_400_000).problems;
    expect(problem).toBe(
      'link 1 is missing: the last of them is of 2026-11-29T00:00:00Z, and none is deleted within 365 days',
    );
    expect(others).toEqual([]);
  });

  it('has each link once, under its name', () => {
    const [[, text]] = [...chainOf('a')] as [[number, string]];
    const problems = (name: string) =>
      verifyChain(
        [
          { name: linkName(1), text },
          { name, text: 'x' },
        ],
        0,
      ).problems;
    expect(problems(`copy/${linkName(1)}`)).toEqual([`link 1 is there twice, also as copy/${linkName(1)}`]);
    for (const name of ['chain/000000000000-1.json', 'chain/999999999998-01.json', 'notes.json'])
      expect(problems(name)).toEqual([`${name} is not the name of a link`]);
  });

  it.each<[string, (texts: Map<number, string>) => void, string]>([
    ['a link is missing', (texts) => texts.delete(2), 'link 2 is missing'],
    ['two links are missing', (texts) => [2, 3].map((sequence) => texts.delete(sequence)), 'links 2 to 3 are missing'],
    [
      'a line is changed',
      (texts) => texts.set(2, texts.get(2)!.replace('"b"', '"x"')),
      'link 2 is changed, or link 3: the hash in 3 is not that of 2',
    ],
    ['white space is added', (texts) => texts.set(2, `${texts.get(2)} `), 'link 2 is changed, or link 3'],
    ['a link is another one', (texts) => texts.set(4, texts.get(3)!), 'link 4 is changed: it says that it is link 3'],
    ['a link is not JSON', (texts) => texts.set(3, 'x'), 'link 3 is changed: it is not JSON'],
    ['a link lacks a member', (texts) => texts.set(3, '{"v":1}'), 'link 3 is changed: it is not a link: sequence'],
    [
      'the first names one before',
      (texts) => texts.set(1, texts.get(1)!.replace('null', '"x"')),
      'link 1 is changed: it names a link before',
    ],
  ])('says what is wrong if %s', (_, change, problem) => {
    expect(problemsAfter(change).join('\n')).toContain(problem);
  });

  it('names its links so that the newest sorts first', () => {
    expect([linkName(10), linkName(9), linkName(1)].toSorted()).toEqual([linkName(10), linkName(9), linkName(1)]);
    expect(sequenceOf(linkName(10))).toBe(10);
  });
});

describe('appending', () => {
  const store = (texts: Map<number, string>) => ({
    async head() {
      const sequence = Math.max(0, ...texts.keys());
      return sequence === 0 ? undefined : headOf(sequence, texts.get(sequence)!);
    },
    async add(sequence: number, text: string) {
      if (texts.has(sequence)) return false;
      texts.set(sequence, text);
      return true;
    },
  });

  it('continues from the newest link, also if another instance appended meanwhile', async () => {
    const texts = chainOf('a');
    const chain = store(texts);
    const known = await chain.head();
    await appendLines([line('b')], chain, 0);
    const head = await appendLines([line('c')], chain, 0, known);
    expect(head.sequence).toBe(3);
    expect(verify(texts)).toMatchObject({ links: 3, lines: 3, problems: [] });
  });

  it('creates the first link', async () => {
    const texts = new Map<number, string>();
    expect(await appendLines([line('a')], store(texts), 0)).toMatchObject({ sequence: 1 });
    expect(verify(texts).problems).toEqual([]);
  });
});
