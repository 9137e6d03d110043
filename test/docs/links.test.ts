import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sectionsOf } from '../../cli/docs/sections.ts';

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'cli/README.md'],
  ...globSync('{docs,functions,statemachines}/**/*.md'),
];
const GUIDES = [
  'try',
  'architecture',
  'deploy',
  'operate',
  'ip-ranges',
  'policy',
  'security',
  'runbook',
  'messages',
  'glossary',
  'uninstall',
  'upgrade',
  'unproven',
];

describe('the pages in docs/', () => {
  it('are the guides, beside reference/ and decisions/', () => {
    expect(globSync('docs/*').sort()).toEqual(
      [...GUIDES.map((name) => `docs/${name}.md`), 'docs/decisions', 'docs/reference'].sort(),
    );
  });
});

it('the pages have links to files and to headings', () => {
  const links = PAGES.flatMap(linksIn);
  expect([links.length, links.filter((link) => link.includes('#')).length]).toEqual([
    expect.toSatisfy((count: number) => count > 300),
    expect.toSatisfy((count: number) => count > 100),
  ]);
});

it('README has at most 110 lines', () => {
  expect(readFileSync('README.md', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(110);
});

it.each(PAGES)('%s links only to files and headings that exist', (page) => {
  expect(linksIn(page).filter((link) => !hasTarget(page, link))).toEqual([]);
});

function linksIn(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^https?:/.test(link));
}

function hasTarget(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  return existsSync(target) && (heading === undefined || anchorsOf(target).has(heading));
}

const anchorsOf = (page: string): Set<string> => new Set(sectionsOf(readFileSync(page, 'utf8')));
