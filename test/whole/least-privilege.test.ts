/**
 * Least privilege, measured: after all other test files, over everything that they did. A statement that has decided
 * nothing by then is a permission that nobody needs, or one that no test shows to be needed.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { assembly } from '../../stacks/assembly.ts';
import type { UsedStatements } from '../support/used-statements.ts';
import { type TemplateStatement, templateStatements } from './statements.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;
let statements: TemplateStatement[];
beforeAll(async () => {
  ({ directory } = await assembly());
  statements = templateStatements(directory);
});

/** What each test file of this run has left. */
function left(): UsedStatements[] {
  const { folder } = inject('run');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

describe('every statement of every synthesized policy', () => {
  it('is known: roles, keys, queues, topics, functions and the organization have some', () => {
    const stacks = new Set(statements.map(({ stack }) => stack));
    expect([...stacks]).toEqual(expect.arrayContaining(['SutureMemberRole', 'SutureSecurity', 'SutureService']));
    expect(statements.length).toBeGreaterThan(100);
  });

  it('has decided something in some test', (context) => {
    const ran = new Set(left().map(({ file }) => relative(ROOT, file)));
    const missing = globSync('test/**/*.test.ts', { cwd: ROOT }).filter(
      (file) => !file.startsWith('test/whole/') && !ran.has(file),
    );
    if (missing.length > 0 || inject('run').narrowed)
      return context.skip(`can only be told after all tests; not run: ${missing.length} files`);
    const used = [...new Set(left().flatMap((each) => each.statements))];
    const unused = statements.filter(({ shows }) => !used.some((line) => shows.test(line)));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });
});

describe('every wildcard of what a role may do', () => {
  it('carries its reason', () => {
    const wild = statements.filter(({ allows }) => allows && wildcardsOf(allows).length > 0);
    expect(wild.length).toBeGreaterThan(20);
    expect(wild.filter((statement) => !hasReasons(statement)).map(({ name }) => name)).toEqual([]);
  });
});

const wildcardsOf = ({ actions, resources }: NonNullable<TemplateStatement['allows']>): unknown[] =>
  [...actions, ...resources].filter((each) => JSON.stringify(each).includes('*'));

/** The reasons that the stack gives for a resource of its template lie beside it. */
function hasReasons({ stack, logicalId, allows }: TemplateStatement): boolean {
  const metadata = JSON.parse(readFileSync(join(directory, `${stack}.metadata.json`), 'utf8'));
  const paths = Object.keys(metadata);
  const path = paths.find((each) => metadata[each].some(({ data }: any) => data === logicalId));
  const reasons = paths
    .filter((each) => path?.startsWith(each))
    .flatMap((each) => metadata[each])
    .filter(({ type }: any) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }: any) => Object.entries(data) as [string, string][]);
  const isGiven = (wildcard: unknown) =>
    reasons.some(([rule, reason]) => rule.includes('-IAM5[') && speaksOf(rule, wildcard) && reason.length > 30);
  return wildcardsOf(allows!).every(isGiven);
}

/** cdk-nag writes what a template joins as one text, with names of its own for references between the parts. */
function speaksOf(rule: string, wildcard: unknown): boolean {
  const joined = (wildcard as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1] ?? [wildcard];
  return joined.every((part) => typeof part !== 'string' || rule.includes(part));
}
