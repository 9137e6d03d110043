/** EMR blocks public security groups of clusters, except on the permitted ports. */
import * as z from 'zod';

const PortRange = z.strictObject({ MinRange: z.int(), MaxRange: z.int() });
type PortRange = z.infer<typeof PortRange>;

export const EmrBlock = z.strictObject({ blocks: z.boolean(), permitted: z.array(PortRange).optional() });

/** Permits no port that was not: SSH stays only if one of the ranges has it. */
export function onlySsh(permitted: readonly PortRange[]): PortRange[] {
  if (permitted.every(({ MinRange, MaxRange }) => MinRange === 22 && MaxRange === 22)) return [...permitted];
  const hasSsh = permitted.some(({ MinRange, MaxRange }) => MinRange <= 22 && MaxRange >= 22);
  return hasSsh ? [{ MinRange: 22, MaxRange: 22 }] : [];
}

export function blockText({ blocks, permitted = [] }: z.infer<typeof EmrBlock>): string {
  if (!blocks) return 'clusters may be public';
  const ports = permitted.map(({ MinRange, MaxRange }) =>
    MinRange === MaxRange ? MinRange : `${MinRange}-${MaxRange}`,
  );
  return ports.length > 0 ? `clusters are public on ports ${ports.join(', ')} at most` : 'no cluster is public';
}
