import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { securityPage } from '../../tools/pages/security-page.ts';

const PAGE = readFileSync('docs/security.md', 'utf8');

it('docs/security.md links only to pages and tests that exist', () => {
  const linked = [...PAGE.matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, path]) => path!)
    .filter((path) => !path.startsWith('http'));
  expect(linked.filter((path) => path.startsWith('../test/')).length).toBeGreaterThan(15);
  expect(linked.filter((path) => !existsSync(`docs/${path}`))).toEqual([]);
});

it('docs/security.md has each attacker of its threat model once', () => {
  const attackers = [...PAGE.matchAll(/^\| \*\*(.+?)\*\*/gm)].map(([, name]) => name!);
  expect(attackers.length).toBeGreaterThan(20);
  expect(attackers.filter((name, n) => attackers.indexOf(name) !== n)).toEqual([]);
});

it('no remediation has an action that reads the contents of a resource', () => {
  const CONTENTS =
    /^(s3:GetObject|dynamodb:(Get|BatchGet|Query|Scan|PartiQL)|sqs:Receive|secretsmanager:(Get|BatchGet)Secret|ssm:GetParameter|logs:(Get|Filter|StartQuery|Tail)|kms:(Decrypt|ReEncrypt|GenerateDataKey)|kinesis:Get|rds-data:|redshift-data:|lambda:Invoke|codecommit:Git|ebs:Get|athena:Get)/;
  expect(CONTENTS.test('s3:GetObjectVersion')).toBe(true);
  const declared = REMEDIATIONS.flatMap(({ reads, writes, undoes = [] }) =>
    [...reads, ...writes, ...undoes].flatMap(({ actions }) => actions),
  );
  expect(declared.filter((action) => CONTENTS.test(action) || action.includes('*'))).toEqual([]);
});

describe('the tables of docs/security.md', async () => {
  const context = await readCdkJsonContext();
  it('have each marker exactly once', () => {
    const without = PAGE.replace('<!-- table: people -->', '');
    expect(() => securityPage(without, context, REMEDIATIONS)).toThrow(
      'docs/security.md lacks the markers <!-- table: people -->',
    );
    const twice = `${PAGE}\n<!-- table: people -->\n<!-- end -->\n`;
    expect(() => securityPage(twice, context, REMEDIATIONS)).toThrow(
      'has the marker <!-- table: people --> twice, or nothing generates this part',
    );
  });
  it('are up to date, and change with the registry and the context', () => {
    expect(securityPage(PAGE, context, REMEDIATIONS)).toBe(PAGE);
    expect(securityPage(PAGE, context, REMEDIATIONS.slice(1))).not.toBe(PAGE);
    expect(securityPage(PAGE, { ...context, serviceAccount: '123412341234' }, REMEDIATIONS)).toContain('123412341234');
  });
});
