import { describe, expect, it } from 'vitest';
import { findingPage } from '../../../cli/lists/finding-page.ts';
import type { LedgerFilter, LedgerListItem } from '../../../functions/ports/ledger-queries.ts';
import { LEDGER_NOW, ledgerItem, ledgerOperator } from '../../support/ledger-in-memory.ts';

const at = (secondsAgo: number) => new Date(LEDGER_NOW - secondsAgo * 1000).toISOString();
/** Three of them changed at the same time. */
const ITEMS: readonly LedgerListItem[] = [
  ledgerItem('11110000', { ofStatus: 'FAILED', changedAt: at(10) }),
  ledgerItem('22220000', { changedAt: at(20) }),
  ledgerItem('33330000', { ofStatus: 'FAILED', changedAt: at(30) }),
  ledgerItem('44440000', { changedAt: at(30) }),
  ledgerItem('55550000', { ofStatus: 'FAILED', changedAt: at(30) }),
  ledgerItem('66660000', { changedAt: at(30) }),
  ledgerItem('77770000', { changedAt: at(50) }),
];
const isSelected = async () => true;

async function pages(filter: LedgerFilter, limit: number, oldestFirst = false): Promise<string[][]> {
  const { operator } = ledgerOperator(ITEMS);
  const all: string[][] = [];
  let after: string | undefined;
  do {
    const page = await findingPage(operator, filter, { limit, after, oldestFirst, isSelected });
    all.push(page.findings.map(({ findingId }) => findingId.slice(-8, -4)));
    after = page.next;
  } while (after !== undefined);
  return all;
}

describe('pages of findings', () => {
  it.each<[what: string, filter: LedgerFilter, oldestFirst: boolean, limit: number, expected: string[][]]>([
    [
      'of one account',
      { account: '333333333333' },
      false,
      2,
      [['1111', '2222'], ['3333', '4444'], ['5555', '6666'], ['7777']],
    ],
    ['with one filter and odd ends', { status: 'FAILED' }, false, 2, [['1111', '3333'], ['5555']]],
    ['status by status', {}, false, 3, [['1111', '3333', '5555'], ['2222', '4444', '6666'], ['7777']]],
    [
      'from the oldest',
      { account: '333333333333' },
      true,
      4,
      [
        ['7777', '6666', '5555', '4444'],
        ['3333', '2222', '1111'],
      ],
    ],
  ])('%s follow each other without a gap', async (_, filter, oldestFirst, limit, expected) => {
    expect(await pages(filter, limit, oldestFirst)).toEqual(expected);
  });
  it('end with a cursor only if there are more', async () => {
    const { operator } = ledgerOperator(ITEMS);
    const page = await findingPage(operator, {}, { limit: 7, isSelected });
    expect([page.findings.length, page.next]).toEqual([7, undefined]);
    expect((await findingPage(operator, {}, { limit: 1, isSelected })).next).toBe(`${at(10)},11110000,failed`);
  });
  it('list a time twice rather than not at all if the finding of the cursor has changed since', async () => {
    const { operator } = ledgerOperator(ITEMS);
    const page = await findingPage(
      operator,
      { account: '333333333333' },
      { limit: 9, after: `${at(30)},99990000,fixed`, isSelected },
    );
    expect(page.findings.map(({ findingId }) => findingId.slice(-8, -4))).toEqual([
      '3333',
      '4444',
      '5555',
      '6666',
      '7777',
    ]);
  });
  it.each(['yesterday', '2026-11-22', `${at(1)},11110000,broken`])('refuse the cursor %s', async (after) => {
    const { operator } = ledgerOperator(ITEMS);
    await expect(findingPage(operator, {}, { limit: 1, after, isSelected })).rejects.toMatchObject({
      name: 'UsageError',
    });
  });
});
