import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findPage } from '../../cli/docs/operator-pages.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { OPTIONAL_STACKS } from '../../lab/organization/optional-stacks.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { resourcesOf, synthesizeTemplates } from '../stacks/templates.ts';

const PAGE = await readFile('docs/runbook.md', 'utf8');
const ARTICLES = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((article) => [article.slice(0, article.indexOf('\n')), article.split(/^# /m)[0]!] as const),
);
/** Chapters that articles share. */
const CHAPTERS = [...PAGE.matchAll(/^# (.+)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(' ', '-'));
const ALARMS = [
  ...synthesizeTemplates(REMEDIATIONS, {
    ...(await readCdkJsonContext()),
    audit: true,
    messages: JSON.parse(OPTIONAL_STACKS.messages!),
  }).templates.values(),
]
  .flatMap((template) => resourcesOf(template, 'AWS::CloudWatch::Alarm'))
  .map(({ Properties: { AlarmName, AlarmDescription } }) => ({
    name: AlarmName as string,
    text: AlarmDescription as string,
    article: /Runbook: suture docs runbook#([\w-]+)$/.exec(AlarmDescription)?.[1],
  }));

describe('the runbook', () => {
  it('has the article to which each alarm links', () => {
    expect(ALARMS.length).toBeGreaterThan(ARTICLES.size);
    expect(ALARMS.filter(({ article }) => article === undefined || !ARTICLES.has(article))).toEqual([]);
  });
  it('has no article without an alarm', () => {
    const linked = new Set(ALARMS.map(({ article }) => article));
    expect([...ARTICLES.keys()].filter((name) => !linked.has(name))).toEqual([]);
  });
  it.each([...ARTICLES])('%s has the parts Means, Look and Do', (_, article) => {
    for (const part of ['**Means:** ', '**Look:** ', '**Do:** ']) expect(article.split(part)).toHaveLength(2);
  });
  it('links to articles that exist', () => {
    const links = [...PAGE.matchAll(/\]\(#([\w-]+)\)/g)].map(([, name]) => name!);
    expect(links.length).toBeGreaterThan(5);
    const own = PAGE.matchAll(/<a id="([\w-]+)"><\/a>/g);
    const names = new Set([...ARTICLES.keys(), ...CHAPTERS, ...[...own].map(([, name]) => name!)]);
    expect(links.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('an alarm', () => {
  it('has its article by its whole name, also of a place of messages', async () => {
    const named = ['suture-messages-sessions-dlq', 'suture-messages-at-night-failed'].map((name) => ({
      name,
      article: `messages-${name.split('-').at(-1)}`,
    }));
    const wrong: object[] = [];
    for (const { name, article } of [...ALARMS, ...named]) {
      const { markdown } = await findPage(`runbook#${name}`);
      const whole = (await findPage(`runbook#${article}`)).markdown;
      // An alarm with an anchor of its own within the article has what follows it.
      if (!whole.endsWith(markdown)) wrong.push({ name, article, begins: markdown.slice(0, 40) });
    }
    expect(wrong).toEqual([]);
  });
  it('has a description within the limit of CloudWatch', () => {
    expect(ALARMS.filter(({ text }) => text.length > 1024)).toEqual([]);
  });
});
