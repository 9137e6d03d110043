import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FINAL, RETRIED } from '../../functions/contract/errors.ts';

const PAGE = readFileSync('docs/reference/errors.md', 'utf8');
const RETRIED_BY_NAME = new Map(
  PAGE.split('## What stops a change')[0]!
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .flatMap(([, names = '', retried = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]): [string, string] => [name!, retried]),
    ),
);

it.each(RETRIED)('says that the workflow retries %s', (name) => {
  expect(RETRIED_BY_NAME.get(name)).toMatch(/times|likewise/);
});

it.each(FINAL.filter((name) => name !== 'FindingRejected'))('says that the workflow does not retry %s', (name) => {
  expect(RETRIED_BY_NAME.get(name)).toBe('no');
});
