/** The page about the updater. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ipRangesTargets } from '../../ip-ranges/contract/targets.ts';

const page = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('docs/ip-ranges.md', () => {
  it('names the alternatives before the updater, and does not promise that only CloudFront reaches the origin', async () => {
    const text = await page('docs/ip-ranges.md');
    const section = /## Who needs it\n(.*?)\n## /s.exec(text)?.[1] ?? '';
    const places = [
      'VPC origin',
      'com.amazonaws.global.cloudfront.origin-facing',
      'secret header',
      "Suture's updater",
    ].map((words) => section.indexOf(words));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(section).toMatch(/everybody's distributions/);
    for (const use of ['several ports in one group', 'other services', 'fewer Regions', 'a say in when'])
      expect(section.indexOf(use)).toBeGreaterThan(places[3]!);
    expect(text).not.toMatch(/Only CloudFront reaches/);
  });
  it('describes each key of a target, and its example is valid', async () => {
    const text = await page('docs/ip-ranges.md');
    const example = /```json\n"ipRanges": (\{.*?\})\n```/s.exec(text)![1]!;
    const { targets } = JSON.parse(example);
    const own = { account: '111111111111', region: 'eu-west-1' };
    const parsed = ipRangesTargets({ IP_RANGES: JSON.stringify({ targets }) }, own);
    expect(parsed).toHaveLength(3);
    const derived = ['key', 'others', 'prefixName'];
    const keys = [...new Set(parsed.flatMap((target) => Object.keys(target)))].filter((key) => !derived.includes(key));
    const table = text.slice(text.indexOf('| key of a target'), text.indexOf('Defaults that targets share'));
    for (const key of keys) expect(table).toContain(`\`${key}\``);
  });
});
