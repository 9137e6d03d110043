import requirements from './benchmarks.json' with { type: 'json' };

/** The versions that Security Hub checks, newest first. */
export const CIS_VERSIONS = ['5.0', '3.0', '1.4', '1.2'] as const;
export type CisVersion = (typeof CIS_VERSIONS)[number];
export type CisNumbers = Readonly<Partial<Record<CisVersion, readonly string[]>>>;

/**
 * AWS's comparison of the versions, by control:
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html
 * Three things come from the controls' own pages ("Related requirements"): that table prints 1.2 for IAM.18 where CIS
 * 1.2 says 1.20, leaves S3.22 and S3.23 out, and gives CloudWatch.1 one requirement of 1.2 and 1.4 where it has two.
 */
export const CIS_REQUIREMENTS: Readonly<Record<string, CisNumbers>> = requirements;

export const cisNumbersOf = (control: string): CisNumbers =>
  Object.hasOwn(CIS_REQUIREMENTS, control) ? CIS_REQUIREMENTS[control]! : {};
