import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as YAML from 'yaml';
import { insertException } from '../../../cli/policy/insert-exception.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { parsePolicy } from '../../../stacks/policy.ts';

const EXCEPTION = {
  id: 'a-bucket',
  reason: 'public: on purpose # really',
  owner: '@web',
  expires: '2099-12-31',
  criteria: { control: 'S3.8', account: '333333333333', resource: 'arn:aws:s3:::a-bucket' },
};
const LINES = YAML.stringify([EXCEPTION], { lineWidth: 0 }).trimEnd().split('\n');
const atIndent = (columns: number) => LINES.map((line) => `${' '.repeat(columns)}${line}\n`).join('');
const SAMPLE = readFileSync('policy.yaml', 'utf8');

describe('an exception', () => {
  it.each(['exemptions', 'suppressions'] as const)('joins the %s of a policy as its last item', (list) => {
    const after = insertException(SAMPLE, list, EXCEPTION);
    expect(after.replace(atIndent(2), '')).toBe(SAMPLE);
    expect(parsePolicy(after, 'policy.yaml', REMEDIATIONS)[list].at(-1)).toEqual(EXCEPTION);
  });
  it.each<[what: string, before: string, after: string]>([
    [
      'a list without indentation, whose item ends in a block of text and has a comment below',
      'exemptions: # ours\n- id: x\n  reason: |\n    a\n    b\n  # of x\n\n# the caps\ncaps: {}\n',
      `exemptions: # ours\n- id: x\n  reason: |\n    a\n    b\n  # of x\n${atIndent(0)}\n# the caps\ncaps: {}\n`,
    ],
    ['an empty list', 'exemptions: [] # none\ncaps: {}\n', `exemptions: # none\n${atIndent(2)}caps: {}\n`],
    ['a key without a value', 'exemptions:\ncaps: {}', `exemptions:\n${atIndent(2)}caps: {}`],
    ['the last line without a line break', 'exemptions:\n  - id: x', `exemptions:\n  - id: x\n${atIndent(2)}`],
    [
      'no list: it begins before the parts that follow, and their comment',
      'controls: {}\n\n# the caps\n# are high\ncaps: {}\n',
      `controls: {}\n\nexemptions:\n${atIndent(2)}\n# the caps\n# are high\ncaps: {}\n`,
    ],
    ['no list and no part that follows', 'controls: {}\n', `controls: {}\n\nexemptions:\n${atIndent(2)}`],
  ])('joins %s', (_, before, after) => {
    expect(insertException(before, 'exemptions', EXCEPTION)).toBe(after);
    expect(YAML.parse(after).exemptions.at(-1)).toEqual(EXCEPTION);
  });
  it('joins a list in brackets, with the comments', () => {
    const after = insertException('# top\nexemptions: [{ id: x }] # ours\n', 'exemptions', EXCEPTION);
    expect(after).toMatch(/^# top\nexemptions: \[.*\] # ours\n$/);
    expect(YAML.parse(after).exemptions).toEqual([{ id: 'x' }, EXCEPTION]);
  });
  it('joins a policy in JSON, which stays JSON', () => {
    const after = insertException('{"version":1,"controls":{}}', 'exemptions', EXCEPTION);
    expect(JSON.parse(after)).toEqual({ version: 1, controls: {}, exemptions: [EXCEPTION] });
  });
});
