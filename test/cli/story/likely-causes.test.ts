import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SUTURE_ERRORS } from '../../../cli/names/known-values.ts';
import { likelyCauses, withLikelyCauses } from '../../../cli/story/likely-causes.ts';

const slugs = (page: string) =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
const REMEDY = /suture [a-z]+|docs\/[\w-]+\.md#[\w-]+/;

describe('the likely causes', () => {
  it.each([...SUTURE_ERRORS, 'RulesPerSecurityGroupLimitExceeded', 'constructor'])(
    'of %s are numbered, each with a command or an article that exists',
    (error) => {
      const [title, ...causes] = likelyCauses(error);
      expect(title).toBe('Likely causes, in order:');
      expect(causes.length).toBeGreaterThan(0);
      causes.forEach((cause, n) => {
        expect(cause).toMatch(new RegExp(`^${n + 1}\\. `));
        expect(cause).toMatch(REMEDY);
      });
      for (const [, page, anchor] of causes.join(' ').matchAll(/(docs\/[\w-]+\.md)#([\w-]+)/g))
        expect(slugs(page!)).toContain(anchor);
    },
  );
  it.each([
    ['States.Timeout', 'finding-updates-dlq'],
    ['StillFailing', 'recurring-findings'],
    ['PolicyUnavailable', 'policy-unavailable'],
  ])('of %s lead to the article %s', (error, article) => {
    expect(likelyCauses(error).join()).toContain(`docs/runbook.md#${article}`);
  });
  it('follow a message, unless it numbers its own', () => {
    const own = ['Likely causes, in order:', '1. The role is missing.'];
    expect(withLikelyCauses(own, 'MemberRoleUnavailable')).toEqual(own);
    expect(withLikelyCauses(['more text'], 'Stopped')).toEqual(['more text', ...likelyCauses('Stopped')]);
  });
});
