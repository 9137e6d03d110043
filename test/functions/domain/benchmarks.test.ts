import { describe, expect, it } from 'vitest';
import { CIS_REQUIREMENTS, CIS_VERSIONS, type CisVersion, cisNumbersOf } from '../../../functions/domain/benchmarks.ts';
import { OLDER_NAMES } from '../../../functions/domain/controls.ts';

const NAME = /cis-aws-foundations-benchmark\/v\/(?<version>1\.[24])\.0\/(rule\/)?(?<number>[\d.]+)$/;

/** From AWS's table of older generator ids: `1.4 3.8 KMS.4`. */
const byOlderNames = Object.entries(OLDER_NAMES).flatMap(([name, controls]) => {
  const { version, number } = NAME.exec(name)?.groups ?? {};
  return number ? controls.map((control) => `${version} ${number} ${control}`) : [];
});

/** The same requirements from the comparison of versions. */
const byRequirements = Object.entries(CIS_REQUIREMENTS).flatMap(([control, numbers]) =>
  (['1.4', '1.2'] as const).flatMap((version) =>
    (numbers[version] ?? []).map((number) => `${version} ${number} ${control}`),
  ),
);

describe("the requirements agree with AWS's table of older names", () => {
  it('except for two controls that it no longer lists, and the parts of 2.1.5', () => {
    expect(without(byOlderNames, byRequirements)).toEqual([
      '1.4 2.1.1 S3.4',
      '1.4 2.1.5.1 S3.1',
      '1.4 2.1.5.2 S3.8',
      '1.4 3.6 S3.9',
    ]);
  });
  it('except for newer controls, and 2.1.5', () => {
    expect(without(byRequirements, byOlderNames)).toEqual([
      '1.2 1.18 Account.1',
      '1.4 1.12 IAM.22',
      '1.4 1.2 Account.1',
      '1.4 2.1.3 S3.20',
      '1.4 2.1.5 S3.1',
      '1.4 2.1.5 S3.8',
      '1.4 3.3 CloudTrail.6',
      '1.4 3.6 CloudTrail.7',
    ]);
  });
});

it.each<[control: string, version: CisVersion, numbers: string[]]>([
  ['EC2.7', '5.0', ['5.1.1']],
  ['EC2.7', '3.0', ['2.2.1']],
  ['IAM.18', '1.2', ['1.20']],
  ['CloudWatch.1', '1.4', ['1.7', '4.3']],
  ['S3.22', '5.0', ['3.8']],
])('%s in CIS %s is %j', (control, version, numbers) => {
  expect(cisNumbersOf(control)[version]).toEqual(numbers);
});

it('returns nothing for a control that is in no version', () => {
  expect(cisNumbersOf('EC2.19')).toEqual({});
  expect(cisNumbersOf('constructor')).toEqual({});
});

it('has only numbers, by the four versions', () => {
  for (const numbers of Object.values(CIS_REQUIREMENTS)) {
    expect(CIS_VERSIONS).toEqual(expect.arrayContaining(Object.keys(numbers)));
    for (const number of Object.values(numbers).flat()) expect(number).toMatch(/^\d+(\.\d+){1,2}$/);
  }
});

const without = (all: readonly string[], those: readonly string[]) =>
  all.filter((each) => !those.includes(each)).sort();
