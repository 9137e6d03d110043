import { describe, expect, it } from 'vitest';
import { findingListing } from '../../../cli/lists/finding-listing.ts';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { listText, type OutputOptions } from '../../../cli/output/listing.ts';
import { LEDGER_NOW, ledgerItem } from '../../support/ledger-in-memory.ts';

const ITEMS = [
  ledgerItem('0f6e1a2b-0000', { ofStatus: 'ROLLED_BACK', reason: 'rolled back by arn:aws:iam::111111111111:user/ada' }),
  ledgerItem('1f6e1a2b-0000', {
    ofStatus: 'FAILED',
    ofControl: 'CloudFormation.1',
    ofResource: `arn:aws:s3:::${'a-very-long-bucket-name'.repeat(3)}-end`,
    error: 'MemberRoleUnavailable',
    reason: `AccessDenied: no\nrole ${'x'.repeat(250)}`,
  }),
  ledgerItem('2f6e1a2b-0000', {
    ofAccount: '444444444444',
    ofResource: undefined,
    reason: '=cmd|calc',
    severity: undefined,
  }),
  ledgerItem('3f6e1a2b-0000', {
    ofResource: 'arn:aws:s3:::バケット名前がとても長いバケット名前がとても長い',
    reason: 'é'.repeat(90),
  }),
];
const ACCOUNTS = new Map([
  ['333333333333', 'shop-production'],
  ['444444444444', 'データ基盤'],
]);
const text = (options: OutputOptions, items = ITEMS) =>
  listText(
    items,
    findingListing({
      now: LEDGER_NOW,
      accounts: ACCOUNTS,
      nothing: 'Nothing there.',
      more: items.length > 0 ? 'Next page: …' : undefined,
    }),
    options,
  );

describe('a list of findings', () => {
  it.each([
    [80, 2],
    [81, 2],
    [90, 2],
    [100, 2],
    [120, 1],
    [132, 1],
    [160, 1],
    [200, 1],
  ])('fits %i columns, %i lines each, with at least 40 characters of why', (width, each) => {
    const lines = text({ isTerminal: true, width }).split('\n');
    expect(lines).toHaveLength(each * (1 + ITEMS.length) + 2);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    expect(lines[each]).toMatch(/^0f6e1a2b +rolled-back +1m +EC2\.13 +shop-produ/);
    expect(lines[2 * each]).toContain('-end');
    expect(lines[2 * each - 1]).toContain('rolled back by arn:aws:iam::11111111111');
    expect(lines[3 * each - 1]).toContain('MemberRoleUnavailable: AccessDenied: no');
  });
  it('uses the width that there is', () => {
    expect(text({ isTerminal: true, width: 80 })).toMatch(/^2f6e1a2b .*\n {2}=cmd\|calc$/m);
    expect(text({ isTerminal: true, width: 200 })).toContain('rolled back by arn:aws:iam::111111111111:user/ada');
  });
  it('leaves out a status that all have, so that an error stays whole', () => {
    const failed = ITEMS.slice(1, 2);
    const listing = findingListing({
      now: LEDGER_NOW,
      accounts: ACCOUNTS,
      nothing: 'Nothing there.',
      status: 'failed',
    });
    const lines = listText(failed, listing, { isTerminal: true, width: 80 }).split('\n');
    expect(lines[0]).not.toContain('status');
    expect(lines[3]).toMatch(/^ {2}MemberRoleUnavailable: AccessDenied: no role x{30,}…$/);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });
  it('cuts nothing in its wide form', () => {
    const [headings, first] = text({ isTerminal: true, output: 'wide', width: 1000 }).split('\n');
    expect(headings).toMatch(/^finding .* account name .* region .* why/);
    expect(first).toContain(ITEMS[0]!.findingId);
    expect(first).toContain(ITEMS[0]!.lastExecution);
  });
  it('has a line for each value in its wide form if the terminal is too narrow', () => {
    const [first] = text({ isTerminal: true, output: 'wide', width: 80 }).split('\n\n');
    expect(first!.split('\n')[0]).toBe(`finding       ${ITEMS[0]!.findingId}`);
    expect(first).toMatch(/\nexecution {5}arn:.*\nerror {9}/);
    expect(text({ isTerminal: false, output: 'wide', width: 80 })).toMatch(/^finding .* account name .* why/);
  });
  it('is exact in JSON, whole or line by line', () => {
    expect(JSON.parse(text({ json: true }))).toEqual(JSON.parse(JSON.stringify(ITEMS)));
    expect(text({ output: 'json' })).toBe(text({ json: true }));
    expect(
      text({ output: 'jsonl' })
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(JSON.parse(JSON.stringify(ITEMS)));
  });
  it.each(['json', 'jsonl'] as const)('is not cut in silence in %s', (output) => {
    const shown: string[] = [];
    expect(text({ output, show: (each) => shown.push(each) })).not.toContain('Next page');
    expect(shown).toEqual(['Next page: …']);
  });
  it('is CSV in which no cell is a formula', () => {
    const [headings, ...rows] = text({ output: 'csv' }).split('\n');
    expect(headings).toBe(
      'finding,status,changed,control,account,account name,region,severity,resource,remediation,execution,error,why',
    );
    expect(rows).toHaveLength(ITEMS.length);
    expect(rows[2]).toMatch(/,'=cmd\|calc$/);
    expect(text({ output: 'csv' }, [ledgerItem('4f6e1a2b', { reason: 'a "b", c' })])).toMatch(/,"a ""b"", c"$/);
  });
  it('is ids alone for other commands', () => {
    expect(text({ output: 'name', isTerminal: true })).toBe(ITEMS.map(({ findingId }) => findingId).join('\n'));
  });
  it('is no id that a shell splits, or that a command takes for an option', () => {
    const shown: string[] = [];
    const items = ['4f6e1a2b', '--failed', 'x --yes', "a'b", '$(id)', 'a\nb'].map((findingId) =>
      ledgerItem('4f6e1a2b', { findingId }),
    );
    const names = text({ output: 'name', show: (each) => shown.push(each) }, items);
    expect(names).toBe('4f6e1a2b');
    expect(shown[0]).toContain('5 of them have a name that a shell does not take as one word');
  });
  it('is tab-separated off a terminal, and says the rest beside it', () => {
    const shown: string[] = [];
    const [line] = text({ isTerminal: false, show: (each) => shown.push(each) }).split('\n');
    expect(line).toBe(
      [
        'rolled-back',
        'EC2.13',
        '333333333333',
        ITEMS[0]!.changedAt,
        ITEMS[0]!.ofResource,
        ITEMS[0]!.findingId,
        ITEMS[0]!.reason,
      ].join('\t'),
    );
    expect(shown).toEqual(['Next page: …']);
  });
  it.each<[form: string, options: OutputOptions, out: string]>([
    ['a pipe', { isTerminal: false }, ''],
    ['CSV', { output: 'csv', isTerminal: true }, expect.stringMatching(/^finding,[^\n]*$/) as never],
    ['names', { output: 'name', isTerminal: true }, ''],
  ])('says for %s that there is nothing', (_, options, out) => {
    const shown: string[] = [];
    expect(text({ ...options, show: (each) => shown.push(each) }, [])).toEqual(out);
    expect(shown).toEqual(['Nothing there.']);
  });
  it('says on a terminal that there is nothing', () => {
    expect(text({ isTerminal: true }, [])).toBe('Nothing there.');
    expect(text({ json: true }, [])).toBe('[]');
  });
});
