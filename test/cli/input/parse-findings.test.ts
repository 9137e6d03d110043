import { describe, expect, it } from 'vitest';
import { parseFindings } from '../../../cli/input/parse-findings.ts';

const FINDING = { Id: 'arn:finding', AwsAccountId: '333333333333' };
const EVENT = { 'detail-type': 'Security Hub Findings - Imported', detail: { findings: [FINDING, FINDING] } };
const kinds = (text: string) => parseFindings(text, 'file').map(({ kind }) => kind);

describe('reads', () => {
  it.each<[what: string, text: string, kinds: string[]]>([
    ['a finding', JSON.stringify(FINDING), ['finding']],
    ['a finding over several lines', JSON.stringify(FINDING, null, 2), ['finding']],
    ['a finding behind a byte order mark', `\uFEFF${JSON.stringify(FINDING)}`, ['finding']],
    ['an event', JSON.stringify(EVENT), ['event']],
    ['an array of both', JSON.stringify([FINDING, EVENT]), ['finding', 'event']],
    [
      'events and findings, one a line',
      `${JSON.stringify(FINDING)}\n\n${JSON.stringify(EVENT)}\r\n`,
      ['finding', 'event'],
    ],
    ['the output of get-findings', JSON.stringify({ Findings: [FINDING, FINDING] }), ['finding', 'finding']],
    ['a malformed finding', '{"Resources": 7}', ['finding']],
    ['a finding in OCSF', '{"class_uid": 2003, "finding_info": {}}', ['finding']],
  ])('%s', (_, text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });
});

describe('refuses', () => {
  it.each<[what: string, text: string, message: RegExp]>([
    ['an empty text', '', /^file is empty\./],
    ['blank lines', '\n \n', /^file is empty\./],
    ['an empty array', '[]', /^file holds no finding\./],
    ['text', 'no json', /^file:1 is not JSON/],
    ['a trailing comma', '{\n  "Id": "a",\n}\n', /^file:3 is not JSON/],
    ['a document that ends too early', '{\n  "Id": "a"\n', /^file is not JSON, at the end of the file: /],
    [
      'a document with a mistake in the middle, whose place Node does not say',
      '{\n  "Id": "a",\n  "b": x,\n  "c": 1\n}\n',
      /^file:3 is not JSON: [^\n]*$/,
    ],
    ['a line that is not JSON', '{"Id": "a"}\n{"Id": "b"}\n{"Id": \n', /^file:3 is not JSON/],
    ['a number', '7', /^file is neither an event nor a finding: it is a number/],
    ['null among others', '[{"Id": "a"}, null]', /^file\[1\] is neither .* it is null/],
    ['an array in an array', '[[]]', /^file\[0\] is neither .* it is an array/],
    ['an object of another kind', '{"Name": "x", "Size": 1}', /^file is neither .* it has Name, Size/],
    ['a line with an object of another kind', '{"Id": "a"}\n{"Name": "x"}', /^file:2 is neither .* it has Name/],
    ['an event of another kind', '{"detail": {"state": "ok"}}', /^file is neither .* without detail.findings/],
    ['an event without a finding', '{"detail": {"findings": []}}', /^file is neither .* detail.findings is empty/],
  ])('%s', (_, text, message) => {
    expect(() => parseFindings(text, 'file')).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringMatching(message) }),
    );
  });
});
