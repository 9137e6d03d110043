/** docs/security.md names tests and promises things of the registry: both must be there. Its tables have a test of their own. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { securityPage } from '../../tools/pages/security-page.ts';

const page = readFileSync('docs/security.md', 'utf8');

test('every page and every test that it names is there', () => {
  const named = [...page.matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, path]) => path!)
    .filter((path) => !path.startsWith('http'));
  expect(named.filter((path) => path.startsWith('../test/')).length).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(`docs/${path}`))).toEqual([]);
});

test('no remediation reads the contents of anything', () => {
  const CONTENTS =
    /^(s3:GetObject|dynamodb:(Get|BatchGet|Query|Scan|PartiQL)|sqs:Receive|secretsmanager:(Get|BatchGet)Secret|ssm:GetParameter|logs:(Get|Filter|StartQuery|Tail)|kms:(Decrypt|ReEncrypt|GenerateDataKey)|kinesis:Get|rds-data:|redshift-data:|lambda:Invoke|codecommit:Git|ebs:Get|athena:Get)/;
  expect(CONTENTS.test('s3:GetObjectVersion')).toBe(true);
  const declared = REMEDIATIONS.flatMap(({ reads, writes }) => [...reads, ...writes].flatMap(({ actions }) => actions));
  expect(declared.filter((action) => CONTENTS.test(action) || action.includes('*'))).toEqual([]);
});

describe('its tables', async () => {
  const context = await readCdkJsonContext();
  it('have every place that they need, once', () => {
    const without = page.replace('<!-- table: people -->', '');
    expect(() => securityPage(without, context, REMEDIATIONS)).toThrow(
      'docs/security.md lacks the markers <!-- table: people -->',
    );
    const twice = `${page}\n<!-- table: people -->\n<!-- end -->\n`;
    expect(() => securityPage(twice, context, REMEDIATIONS)).toThrow(
      'has the marker <!-- table: people --> twice, or nothing generates this part',
    );
  });
  it('change with what they are made from', () => {
    expect(securityPage(page, context, REMEDIATIONS)).toBe(page);
    expect(securityPage(page, context, REMEDIATIONS.slice(1))).not.toBe(page);
    expect(securityPage(page, { ...context, serviceAccount: '123412341234' }, REMEDIATIONS)).toContain('123412341234');
  });
});
