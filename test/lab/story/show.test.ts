import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../cli/output/display-width.ts';
import type { Trace, TracedCall } from '../../../lab/organization/trace.ts';
import { traceStory } from '../../../lab/organization/trace-text.ts';
import { rowLines } from '../../../lab/story/live-table.ts';
import {
  endOf,
  MEMBER_NAMES,
  type StoryEnd,
  storyDocument,
  storyNextSteps,
  storyRows,
  workedExample,
} from '../../../lab/story/show.ts';
import { STORY_FINDINGS, type StoryEvent } from '../../../lab/story/story.ts';

const GROUP = 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-0f6e1a2b3c4d5e6f7';
const CALL: TracedCall = {
  ...{ account: '333333333333', region: 'us-east-1', action: 'ec2:RevokeSecurityGroupIngress', resource: GROUP },
  decision: 'Allow',
  ...{ role: 'arn:aws:iam::333333333333:role/suture/suture-member' },
};
const TRACE: Trace = {
  ...{ findingId: 'f', control: 'EC2.13', route: 'remediate', reason: 'removed tcp 22 '.repeat(20).trim() },
  ...{ remediation: 'ec2/close-admin-ports', account: '333333333333', region: 'us-east-1', resource: GROUP },
  ...{ outcome: 'FIXED', before: { ports: Array.from({ length: 40 }, (_, n) => n) }, after: { ports: [] } },
  execution: { arn: 'e', status: 'SUCCEEDED', path: Array(20).fill('Remediate'), transitions: 20, error: null },
  calls: [CALL, CALL],
};

describe.each([80, 100, 200])('in %i columns', (width) => {
  const fits = (text: string) => {
    for (const line of text.split('\n').filter((each) => /\S\s\S/.test(each)))
      expect(displayWidth(line)).toBeLessThanOrEqual(width);
  };
  it('the history of a finding fits, and no ARN is broken', () => {
    const text = traceStory(TRACE, width);
    fits(text);
    expect(text.split(GROUP)).toHaveLength(3);
    expect(text.match(/^ {2}call /gm)).toHaveLength(1);
    expect(text.replaceAll(/\s+/g, ' ')).toMatch(/as suture-member, 2 times$/);
    expect(text).toContain('"ports": [ 0, 1, 2,');
  });
  it('the example in detail fits, and has the number of each call', () => {
    const text = workedExample([{ trace: TRACE } as StoryEnd], width)!;
    fits(text);
    expect(text).toMatch(/^ {4}ec2:RevokeSecurityGroupIngress on security-group\/sg-\w+,\s+2\s+times$/m);
    const assumed = { ...CALL, account: '222222222222', action: 'sts:AssumeRole', resource: CALL.role! };
    const other: Trace = { ...TRACE, calls: [assumed] };
    expect(workedExample([{ trace: other } as StoryEnd], width)).toMatch(
      /^ {4}sts:AssumeRole on role\/suture\/suture-member from 222222222222$/m,
    );
  });
  it('names the account and the resource in one form, with and without --verbose', () => {
    const place = 'EC2.13 in 333333333333 (shop-production), us-east-1';
    const whole = traceStory(TRACE, width, MEMBER_NAMES).split('\n');
    const example = workedExample([{ trace: TRACE } as StoryEnd], width)!.split('\n');
    expect(whole[0]).toBe(`FIXED ${place}`);
    expect(example[0]).toBe(`One of them in detail: ${place}`);
    for (const lines of [whole, example])
      expect(lines.slice(1, 3).join(' ')).toMatch(new RegExp(`^  resource\\s+${GROUP}( |$)`));
  });
  it('the commands at the end fit, and none is broken', () => {
    fits(storyNextSteps(width));
    expect(storyNextSteps(width)).toMatch(/^ {2}npm run -s suture -- simulate FILE {3}your own findings/m);
    expect(storyNextSteps(width).split('\n')).toHaveLength(5);
  });
});

it('has each column of the table in the document for programs', () => {
  const traces: Trace[] = [TRACE, { ...TRACE, route: 'reject', outcome: null }];
  const ends = traces.map((trace, n) => endOf({ story: STORY_FINDINGS[n]! } as StoryEvent, trace));
  const { ok, findings } = storyDocument(ends);
  expect(ok).toBe(false);
  expect(findings.map(({ end, shows }) => ({ end, shows }))).toEqual(
    storyRows(ends).map(({ end, shows }) => ({ end, shows })),
  );
  expect(findings[1]).toMatchObject({ end: 'REJECT', outcome: null, shows: STORY_FINDINGS[1]!.shows });
});

it.each([80, 100])('each finding of the story fits in %i columns untruncated', (width) => {
  const rows = STORY_FINDINGS.map(({ control, shows }) => {
    return { mark: '✓', control, account: 'acquired-company', end: 'DUPLICATE', shows } as const;
  });
  const lines = rowLines([...rows, { ...rows[0]!, control: 'CloudWatch.16' }], width);
  expect(lines.filter((line) => line.includes('…'))).toEqual([]);
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  expect(lines[1]!.includes('acquired-company')).toBe(width >= 100);
});
