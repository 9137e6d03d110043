/** EMR blocks public security groups of clusters, except on the permitted ports. */
import * as z from 'zod';
import type { DeclaredChange } from '../../contract/remediation.ts';
import { declaredChange } from '../kit/owner-language.ts';

const PortRange = z.strictObject({ MinRange: z.int(), MaxRange: z.int() });
type PortRange = z.infer<typeof PortRange>;

export const EmrBlock = z.strictObject({ blocks: z.boolean(), permitted: z.array(PortRange).optional() });

/** Returns the permitted ranges that pass the control. It adds no port: SSH stays only if one of the ranges has it. */
export function onlySsh(permitted: readonly PortRange[]): PortRange[] {
  if (permitted.every(({ MinRange, MaxRange }) => MinRange === 22 && MaxRange === 22)) return [...permitted];
  const hasSsh = permitted.some(({ MinRange, MaxRange }) => MinRange <= 22 && MaxRange >= 22);
  return hasSsh ? [{ MinRange: 22, MaxRange: 22 }] : [];
}

/** The block of an account and Region in the language of its owner. CloudFormation does not have it. */
export const EMR_BLOCK_WORDS = {
  cloudFormation: null,
  terraform: 'aws_emr_block_public_access_configuration',
  attributes: {
    blocks: { type: z.boolean(), default: false, terraform: 'block_public_security_group_rules' },
    permitted: {
      type: z.array(PortRange),
      default: [],
      terraform: 'permitted_public_security_group_rule_range',
    },
  },
} as const;

/** Returns what the owner of the account writes for it. */
export const declaredEmrBlock = (to: z.infer<typeof EmrBlock>): DeclaredChange => declaredChange(EMR_BLOCK_WORDS, to);

export function blockText({ blocks, permitted = [] }: z.infer<typeof EmrBlock>): string {
  if (!blocks) return 'clusters may be public';
  const ports = permitted.map(({ MinRange, MaxRange }) =>
    MinRange === MaxRange ? MinRange : `${MinRange}-${MaxRange}`,
  );
  return ports.length > 0 ? `clusters are public on ports ${ports.join(', ')} at most` : 'no cluster is public';
}
