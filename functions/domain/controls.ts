/** The control of a finding, by every format of its name that AWS sends. */
import { CIS_REQUIREMENTS } from './benchmarks.ts';
import type { Finding } from './finding.ts';
import olderNames from './generator-ids.json' with { type: 'json' };

/**
 * AWS's documented table from the generator ids of single standards to security control ids; some map to two.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/asff-changes-consolidation.html
 */
export const OLDER_NAMES: Readonly<Record<string, readonly string[]>> = olderNames;

/**
 * Versions of the CIS benchmark whose generator ids end in the requirement's number. AWS's table lists the ids of 1.2.
 */
const NUMBERED_VERSIONS = ['1.4', '3.0', '5.0'] as const;

/**
 * Control ids by CIS generator id, such as `cis-aws-foundations-benchmark/v/3.0.0/2.2.1`. If a requirement stands for
 * two controls, AWS appends a number: `…/1.4.0/2.1.5.1` and `…/1.4.0/2.1.5.2`.
 */
export const CIS_NAMES: Readonly<Record<string, readonly string[]>> = cisNames();

const CONTROL = /^[A-Za-z][A-Za-z0-9]{0,39}\.\d{1,3}$/;
const CONSOLIDATED = /^security-control\/(?<control>[^/]+)$/;
const BY_STANDARD = /^(?<standard>[a-z0-9-]+)\/v\/\d+\.\d+\.\d+\/(?<name>[\w.]+)$/;
const STANDARDS = new Set([
  'aws-foundational-security-best-practices',
  'service-managed-aws-control-tower',
  'cis-aws-foundations-benchmark',
  'nist-800-53',
  'nist-800-171',
  'pci-dss',
  'aws-resource-tagging-standard',
]);

export type ControlNames =
  | { readonly kind: 'controls'; readonly controls: readonly string[] }
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'disagree'; readonly because: string };

/**
 * Returns the control ids that a finding names: usually one, two if AWS split an older name. `disagree`: the ids in
 * Compliance.SecurityControlId and GeneratorId differ, which AWS never sends.
 */
export function controlsOf({ GeneratorId, Compliance }: Pick<Finding, 'GeneratorId' | 'Compliance'>): ControlNames {
  const named = Compliance?.SecurityControlId;
  const generated = meaningOf(GeneratorId.replace(/^arn:aws(-cn|-us-gov):/, 'arn:aws:'));
  if (named === undefined)
    return generated.length > 0
      ? { kind: 'controls', controls: generated }
      : { kind: 'unknown', because: `GeneratorId "${GeneratorId}" is not a format of control names that Suture knows` };
  if (!CONTROL.test(named))
    return { kind: 'unknown', because: `Compliance.SecurityControlId "${named}" is not the name of a control` };
  if (generated.includes(named) || hasOwnNumber(GeneratorId)) return { kind: 'controls', controls: [named] };
  const other = generated.join(' or ') || 'no control';
  return { kind: 'disagree', because: `SecurityControlId says ${named}, GeneratorId "${GeneratorId}" says ${other}` };
}

function meaningOf(generatorId: string): readonly string[] {
  const consolidated = CONSOLIDATED.exec(generatorId)?.groups?.control;
  if (consolidated !== undefined) return CONTROL.test(consolidated) ? [consolidated] : [];
  if (Object.hasOwn(OLDER_NAMES, generatorId)) return OLDER_NAMES[generatorId]!;
  if (Object.hasOwn(CIS_NAMES, generatorId)) return CIS_NAMES[generatorId]!;
  const counted = generatorId.replace(/\.\d+$/, '');
  if (Object.hasOwn(CIS_NAMES, counted) && CIS_NAMES[counted]!.length > 1) return CIS_NAMES[counted]!;
  const { standard, name } = BY_STANDARD.exec(generatorId)?.groups ?? {};
  return standard && name && STANDARDS.has(standard) && CONTROL.test(name) ? [name] : [];
}

/** Such ids (CIS 3.0's 2.2.1) contradict no SecurityControlId, although AWS's older table does not list them. */
function hasOwnNumber(generatorId: string): boolean {
  const { standard, name } = BY_STANDARD.exec(generatorId)?.groups ?? {};
  return (
    standard !== undefined && STANDARDS.has(standard) && !Object.hasOwn(OLDER_NAMES, generatorId) && /^\d/.test(name!)
  );
}

function cisNames(): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  for (const [control, numbers] of Object.entries(CIS_REQUIREMENTS))
    for (const version of NUMBERED_VERSIONS)
      for (const number of numbers[version] ?? []) {
        const name = `cis-aws-foundations-benchmark/v/${version}.0/${number}`;
        names[name] = [...(names[name] ?? []), control];
      }
  return names;
}
