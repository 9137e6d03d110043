/**
 * Runs after all other test files, over their calls. A statement that decided nothing is a permission that is not
 * needed, or that no test shows to be needed.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { OPTIONAL_STACKS } from '../../lab/organization/optional-stacks.ts';
import { assembly } from '../../stacks/assembly.ts';
import type { UsedStatements } from '../support/used-statements.ts';
import { type TemplateStatement, templateStatements } from './statements.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;
let statements: TemplateStatement[];
beforeAll(async () => {
  // With every optional stack.
  ({ directory } = await assembly({ settings: OPTIONAL_STACKS }));
  statements = templateStatements(directory);
});

function usedStatements(): UsedStatements[] {
  const { folder } = inject('run');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

describe('every statement of every synthesized policy', () => {
  it('is listed, with those of roles, keys, queues, topics, functions and the organization', () => {
    const stacks = new Set(statements.map(({ stack }) => stack));
    expect([...stacks]).toEqual(
      expect.arrayContaining(['SutureAudit', 'SutureMemberRole', 'SutureSecurity', 'SutureService']),
    );
    expect(statements.length).toBeGreaterThan(100);
  });

  it('decided at least one call in a test', (context) => {
    const ran = new Set(usedStatements().map(({ file }) => relative(ROOT, file)));
    const missing = globSync('test/**/*.test.ts', { cwd: ROOT }).filter(
      (file) => !file.startsWith('test/whole/') && !ran.has(file),
    );
    if (missing.length > 0 || inject('run').narrowed)
      return context.skip(`needs a run of all tests; not run: ${missing.length} files`);
    const used = [...new Set(usedStatements().flatMap((each) => each.statements))];
    const unused = statements.filter(({ pattern }) => !used.some((line) => pattern.test(line)));
    expect(unused.map(({ name }) => name)).toEqual([]);
  });
});

describe("every wildcard in a role's permissions", () => {
  it('has a reason', () => {
    const wild = statements.filter(({ allows }) => allows && wildcardsOf(allows).length > 0);
    expect(wild.length).toBeGreaterThan(20);
    expect(wild.filter((statement) => !hasReasons(statement)).map(({ name }) => name)).toEqual([]);
  });
});

const wildcardsOf = ({ actions, resources }: NonNullable<TemplateStatement['allows']>): unknown[] =>
  [...actions, ...resources].filter((each) => JSON.stringify(each).includes('*'));

/** The metadata next to the stack's template must give a reason for every wildcard. */
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
    reasons.some(([rule, reason]) => rule.includes('-IAM5[') && matchesRule(rule, wildcard) && reason.length > 30);
  return wildcardsOf(allows!).every(isGiven);
}

/** cdk-nag writes an Fn::Join or Fn::Sub as one text, with its own names for the references in it. */
function matchesRule(rule: string, wildcard: unknown): boolean {
  const { 'Fn::Join': join, 'Fn::Sub': text } = wildcard as { 'Fn::Join'?: [string, unknown[]]; 'Fn::Sub'?: string };
  const joined = join?.[1] ?? text?.split(/\$\{[^}]*\}/) ?? [wildcard];
  return joined.every((part) => typeof part !== 'string' || rule.includes(part));
}
