import { describe, expect, it } from 'vitest';
import { controlsOf, OLDER_NAMES } from '../../../functions/domain/controls.ts';

const of = (GeneratorId: string, SecurityControlId?: string) =>
  controlsOf({ GeneratorId, Compliance: { Status: 'FAILED', SecurityControlId } });

describe('the control that a finding names', () => {
  const formats: [format: string, generatorId: string, control: string | undefined, controls: string[]][] = [
    ['consolidated', 'security-control/EC2.13', 'EC2.13', ['EC2.13']],
    ['consolidated, by its generator alone', 'security-control/EC2.13', undefined, ['EC2.13']],
    ['FSBP', 'aws-foundational-security-best-practices/v/1.0.0/EC2.7', undefined, ['EC2.7']],
    [
      'FSBP with a control that is newer than the table',
      'aws-foundational-security-best-practices/v/1.0.0/MSK.4',
      undefined,
      ['MSK.4'],
    ],
    ['Control Tower', 'service-managed-aws-control-tower/v/1.0.0/EC2.7', undefined, ['EC2.7']],
    ['CIS 1.2', 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1', undefined, ['EC2.13']],
    [
      'CIS 1.2 in China',
      'arn:aws-cn:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1',
      undefined,
      ['EC2.13'],
    ],
    [
      'CIS 1.2, split in two',
      'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/1.1',
      undefined,
      ['CloudWatch.1', 'IAM.20'],
    ],
    ['CIS 1.4', 'cis-aws-foundations-benchmark/v/1.4.0/2.2.1', undefined, ['EC2.7']],
    ['CIS 3.0 by its number', 'cis-aws-foundations-benchmark/v/3.0.0/2.2.1', 'EC2.7', ['EC2.7']],
    ['CIS 3.0 without SecurityControlId', 'cis-aws-foundations-benchmark/v/3.0.0/2.2.1', undefined, ['EC2.7']],
    ['CIS 5.0 without SecurityControlId', 'cis-aws-foundations-benchmark/v/5.0.0/5.1.1', undefined, ['EC2.7']],
    ['CIS 3.0, of two controls', 'cis-aws-foundations-benchmark/v/3.0.0/2.1.4', undefined, ['S3.1', 'S3.8']],
    [
      'CIS 3.0, of two controls, with an appended number',
      'cis-aws-foundations-benchmark/v/3.0.0/2.1.4.2',
      undefined,
      ['S3.1', 'S3.8'],
    ],
    [
      'CIS 1.4, of two controls, as AWS lists them',
      'cis-aws-foundations-benchmark/v/1.4.0/2.1.5.2',
      undefined,
      ['S3.8'],
    ],
    ['PCI, whose own name says something else', 'pci-dss/v/3.2.1/PCI.EC2.5', undefined, ['EC2.13']],
    ['NIST', 'nist-800-53/v/5.0.0/EC2.7', undefined, ['EC2.7']],
  ];
  it.each(formats)('is read from %s', (_, generatorId, named, controls) => {
    expect(of(generatorId, named)).toEqual({ kind: 'controls', controls });
  });

  const unknown: [name: string, generatorId: string, control: string | undefined, kind: string][] = [
    ["another product's generator", 'arn:aws:guardduty:us-east-1:444455556666:detector/1', undefined, 'unknown'],
    ['a PCI name that AWS never documented', 'pci-dss/v/3.2.1/PCI.EC2.99', undefined, 'unknown'],
    ['a number that CIS 3.0 does not have', 'cis-aws-foundations-benchmark/v/3.0.0/9.9', undefined, 'unknown'],
    ['a version that CIS does not have', 'cis-aws-foundations-benchmark/v/4.0.0/2.2.1', undefined, 'unknown'],
    ['an unknown standard', 'my-standard/v/1.0.0/EC2.7', undefined, 'unknown'],
    ['a name of the prototype', '__proto__', undefined, 'unknown'],
    ['a malformed control id', 'security-control/EC2.13', '../EC2.13', 'unknown'],
    ['two different controls', 'security-control/EC2.7', 'EC2.13', 'disagree'],
    [
      "a control and another product's generator",
      'arn:aws:guardduty:us-east-1:444455556666:detector/1',
      'EC2.13',
      'disagree',
    ],
    ['a control and an older name of another', 'pci-dss/v/3.2.1/PCI.EC2.5', 'EC2.5', 'disagree'],
  ];
  it.each(unknown)('is not read from %s', (_, generatorId, named, kind) => {
    expect(of(generatorId, named).kind).toBe(kind);
  });
});

it("matches AWS's documented table", () => {
  expect(Object.keys(OLDER_NAMES)).toHaveLength(488);
});
