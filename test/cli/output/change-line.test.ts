import { describe, expect, it } from 'vitest';
import { changeLine } from '../../../cli/output/change-line.ts';
import { displayWidth } from '../../../cli/output/display-width.ts';

const CRITERIA = {
  control: 'EC2.13',
  account: ['333333333333', '444444444444'],
  tags: { team: 'web', 'a "quoted", name': 'x:y,"z"' },
  region: 'us-east-1',
};
const CHANGE = `suppression two: new, archives ${JSON.stringify(CRITERIA)} until 2027-01-31`;

describe.each([true, false])('a change, marked: %s', (widens) => {
  it('breaks its criteria after separators, below its own beginning', () => {
    const [first, ...more] = changeLine(CHANGE, widens, 60).split('\n');
    expect(first).toMatch(widens ? /^! suppression/ : /^ {2}suppression/);
    expect(more.length).toBeGreaterThan(1);
    for (const line of [first!, ...more]) expect(displayWidth(line)).toBeLessThanOrEqual(60);
    for (const line of more) expect(line).toMatch(/^ {4}\S/);
  });
  it('has the same criteria in one line in a wide terminal', () => {
    const line = changeLine(CHANGE, widens, Number.POSITIVE_INFINITY);
    expect(line.split('\n')).toHaveLength(1);
    expect(JSON.parse(/\{.*\}/.exec(line)![0])).toEqual(CRITERIA);
  });
});

it('a resource that does not fit has a line of its own', () => {
  const arn = `arn:aws:s3:::${'a-long-name-'.repeat(8)}`;
  const change = `exemption site: new, leaves alone ${JSON.stringify({ control: 'S3.8', resource: arn })} until 2027-01-31`;
  const long = changeLine(change, false, 60)
    .split('\n')
    .filter((line) => displayWidth(line) > 60);
  expect(long).toEqual([`    "resource":"${arn}"}`]);
});
