import { describe, expect, it } from 'vitest';
import { CIS_NAMES, OLDER_NAMES } from '../../../functions/domain/controls.ts';
import { customActionPatterns, findingPatterns, PATTERN_LIMIT } from '../../../functions/domain/patterns.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { dummyRemediations } from '../../../lab/bench/dummies.ts';
import { compilePattern } from '../../../sandbox/event-patterns/pattern.ts';

const PRODUCT = 'arn:aws:securityhub:eu-west-1::product/aws/securityhub';
const finding = (changes: object = {}) => ({
  ProductArn: PRODUCT,
  GeneratorId: 'security-control/EC2.13',
  RecordState: 'ACTIVE',
  Workflow: { Status: 'NEW' },
  Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.13' },
  ...changes,
});
const event = (...findings: object[]) => ({
  source: 'aws.securityhub',
  'detail-type': 'Security Hub Findings - Imported',
  detail: { findings },
});
const matchersOf = (handled: Parameters<typeof findingPatterns>[0]) =>
  findingPatterns(handled).map((pattern) => compilePattern(pattern));
const matchers = matchersOf(REMEDIATIONS);
const matching = (given: object) => matchers.filter((matches) => matches(given)).length;

describe('a rule lets in', () => {
  it.each([
    ['a failed finding of a handled control', {}],
    ['a warning', { Compliance: { Status: 'WARNING', SecurityControlId: 'EC2.7' } }],
    [
      'a finding of another Region and partition',
      { ProductArn: 'arn:aws-cn:securityhub:cn-north-1::product/aws/securityhub' },
    ],
    [
      'a finding that also has an older name',
      { GeneratorId: 'aws-foundational-security-best-practices/v/1.0.0/EC2.13' },
    ],
    [
      'FSBP without SecurityControlId',
      { GeneratorId: 'aws-foundational-security-best-practices/v/1.0.0/EC2.7', Compliance: { Status: 'FAILED' } },
    ],
    [
      'CIS 1.2',
      {
        GeneratorId: 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1',
        Compliance: { Status: 'FAILED' },
      },
    ],
    ['CIS 1.4', { GeneratorId: 'cis-aws-foundations-benchmark/v/1.4.0/2.2.1', Compliance: { Status: 'FAILED' } }],
    ['CIS 3.0', { GeneratorId: 'cis-aws-foundations-benchmark/v/3.0.0/2.2.1', Compliance: { Status: 'FAILED' } }],
    ['CIS 5.0', { GeneratorId: 'cis-aws-foundations-benchmark/v/5.0.0/5.1.1', Compliance: { Status: 'FAILED' } }],
    [
      'CIS 3.0, one of two controls of a requirement',
      { GeneratorId: 'cis-aws-foundations-benchmark/v/3.0.0/2.1.4.2', Compliance: { Status: 'FAILED' } },
    ],
    ['PCI', { GeneratorId: 'pci-dss/v/3.2.1/PCI.EC2.5', Compliance: { Status: 'FAILED' } }],
    [
      'Control Tower',
      { GeneratorId: 'service-managed-aws-control-tower/v/1.0.0/EC2.7', Compliance: { Status: 'FAILED' } },
    ],
    ['NIST', { GeneratorId: 'nist-800-53/v/5.0.0/EC2.7', Compliance: { Status: 'FAILED' } }],
    ['consolidated without SecurityControlId', { Compliance: { Status: 'FAILED' } }],
  ])('%s', (_, changes) => {
    expect(matching(event(finding(changes)))).toBe(1);
  });
});

describe('no rule lets in', () => {
  it.each([
    [
      'a control that nothing handles',
      { Compliance: { Status: 'FAILED', SecurityControlId: 'Lambda.99' }, GeneratorId: 'security-control/Lambda.99' },
    ],
    [
      'a control whose name begins like a handled one',
      { Compliance: { Status: 'FAILED', SecurityControlId: 'EC2.133' } },
    ],
    [
      'an older name that nothing handles',
      { GeneratorId: 'pci-dss/v/3.2.1/PCI.DMS.1', Compliance: { Status: 'FAILED' } },
    ],
    [
      'an older name that begins like a handled one',
      { GeneratorId: 'nist-800-53/v/5.0.0/EC2.77', Compliance: { Status: 'FAILED' } },
    ],
    ['a finding that passed', { Compliance: { Status: 'PASSED', SecurityControlId: 'EC2.13' } }],
    ['an archived finding', { RecordState: 'ARCHIVED' }],
    ['a finding that a person or Suture has NOTIFIED', { Workflow: { Status: 'NOTIFIED' } }],
    [
      "a member's own import",
      { ProductArn: 'arn:aws:securityhub:eu-west-1:333333333333:product/333333333333/default' },
    ],
    ['another product', { ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty' }],
    ['a finding without Compliance', { Compliance: undefined }],
  ])('%s', (_, changes) => {
    expect(matching(event(finding(changes)))).toBe(0);
  });

  it('two findings that match only together', () => {
    const archived = finding({ RecordState: 'ARCHIVED' });
    const unhandled = finding({ Compliance: { Status: 'FAILED', SecurityControlId: 'Lambda.99' } });
    expect(matching(event(archived, unhandled))).toBe(0);
  });
});

describe('the rules of the custom action', () => {
  const ACTION = 'arn:aws:securityhub:us-east-1:111111111111:action/custom/SutureRemediate';
  const ofAction = customActionPatterns(REMEDIATIONS, ACTION).map((pattern) => compilePattern(pattern));
  const chosen = (changes: object, more: object = {}) => ({
    ...event(finding(changes)),
    'detail-type': 'Security Hub Findings - Custom Action',
    resources: [ACTION],
    ...more,
  });
  it.each<[name: string, given: object, rules: number]>([
    ['match a new finding', chosen({}), 1],
    ['match a NOTIFIED finding', chosen({ Workflow: { Status: 'NOTIFIED' } }), 1],
    [
      'match a finding with an older name',
      chosen({ GeneratorId: 'pci-dss/v/3.2.1/PCI.EC2.5', Compliance: { Status: 'FAILED' } }),
      1,
    ],
    [
      'do not match a finding that passed',
      chosen({ Compliance: { Status: 'PASSED', SecurityControlId: 'EC2.13' } }),
      0,
    ],
    ['do not match an archived finding', chosen({ RecordState: 'ARCHIVED' }), 0],
    ['do not match another product', chosen({ ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/guardduty' }), 0],
    ["do not match somebody else's action", chosen({}, { resources: [`${ACTION}2`] }), 0],
    ['do not match an import', chosen({}, { 'detail-type': 'Security Hub Findings - Imported' }), 0],
  ])('%s', (_, given, rules) => {
    expect(ofAction.filter((matches) => matches(given))).toHaveLength(rules);
  });
});

describe('with 120 remediations', () => {
  const many = dummyRemediations(120);
  const ofMany = matchersOf(many);
  const handled = new Set(many.flatMap(({ handles }) => handles.controls));
  const olderNames = Object.entries({ ...CIS_NAMES, ...OLDER_NAMES }).filter(([, controls]) =>
    controls.some((control) => handled.has(control)),
  );

  it('the rules stay within the limit', () => {
    const lengths = findingPatterns(many).map((pattern) => JSON.stringify(pattern).length);
    expect(lengths.length).toBeGreaterThan(2);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(PATTERN_LIMIT);
  });

  it('exactly one rule lets in each handled control and older name', () => {
    const Compliance = { Status: 'FAILED' };
    const byControl = [...handled].map((control) =>
      finding({
        Compliance: { ...Compliance, SecurityControlId: control },
        GeneratorId: `security-control/${control}`,
      }),
    );
    const formats = [...handled].flatMap((control) => [
      `security-control/${control}`,
      `nist-800-53/v/5.0.0/${control}`,
    ]);
    const byName = [...formats, ...olderNames.map(([name]) => name)].map((GeneratorId) =>
      finding({ GeneratorId, Compliance }),
    );
    const counts = [...byControl, ...byName].map(
      (each) => [each, ofMany.filter((matches) => matches(event(each))).length] as const,
    );
    expect(counts.length).toBeGreaterThan(500);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });
});
