import { describe, expect, it } from 'vitest';
import { remediationsWithDummies } from '../../../lab/bench/dummies.ts';
import { isOverLimit } from '../../../lab/bench/figures.ts';
import {
  policyRows,
  rowsOf,
  type StackTemplate,
  sizeRows,
  withDelegatedRollout,
} from '../../../lab/bench/size-figures.ts';
import { readCdkJsonContext } from '../../../stacks/context.ts';

const template = (name: string, ...types: string[]): StackTemplate => ({
  name,
  characters: name.length * 1024,
  resources: types.map((Type) => ({ Type })),
});
const figuresOf = (templates: readonly StackTemplate[]) =>
  Object.fromEntries(rowsOf(3, templates).flatMap(({ figures }) => figures.map(({ name, value }) => [name, value])));

describe('the size of the stacks', () => {
  it('counts what AWS limits and charges, over all stacks', () => {
    const templates = [
      template('SutureSecurity', 'AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::CloudWatch::Alarm'),
      template('SutureService', 'AWS::CloudWatch::Alarm', 'AWS::KMS::Key'),
    ];
    expect(figuresOf(templates)).toEqual({
      'size.3.stacks': 2,
      'size.3.largest-stack': 3,
      'size.3.longest-template-kb': 14,
      'size.3.functions': 1,
      'size.3.roles': 1,
      'size.3.alarms': 2,
    });
    expect(rowsOf(3, templates)[2]!.note).toBe('alarms cost $0.20 a month');
  });
  it('is over the limit with 501 resources in a stack, and with an eleventh policy', () => {
    const large = (count: number) => rowsOf(3, [template('Large', ...Array(count).fill('AWS::SNS::Topic'))]);
    const over = (count: number) => large(count).flatMap(({ figures }) => figures.filter(isOverLimit));
    expect(over(500)).toEqual([]);
    expect(over(501).map(({ name }) => name)).toEqual(['size.3.largest-stack']);
    const empty = { Version: '2012-10-17', Statement: [] } as const;
    const rows = (count: number) => policyRows(3, [{ policies: Array(count).fill(empty), boundary: empty }]);
    const overIn = (count: number) => rows(count).flatMap(({ figures }) => figures.filter(isOverLimit));
    expect(overIn(10)).toEqual([]);
    expect(overIn(11).map(({ name }) => name)).toEqual(['size.3.member-policies']);
  });
  it('is measured with as many controls as are planned', async () => {
    const rows = sizeRows(withDelegatedRollout(await readCdkJsonContext()), remediationsWithDummies());
    const values = Object.fromEntries(rows.flatMap(({ figures }) => figures.map(({ name, value }) => [name, value])));
    expect(values['size.183.functions']).toBeGreaterThan(183);
    expect(values['size.183.longest-boundary']).toBeGreaterThan(0);
  });
});
