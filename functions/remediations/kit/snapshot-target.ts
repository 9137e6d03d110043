/** The snapshot that a finding is about, without a client: triage parses it too. */
import * as z from 'zod';
import { arn, FindingResource, identifiedBy } from '../../contract/remediation.ts';

/** `kind` as in the snapshot's ARN. */
export type SnapshotTarget = { readonly kind: 'snapshot' | 'cluster-snapshot'; readonly snapshot: string };

const SNAPSHOT = 'arn:{partition}:rds:{region}:{account}:{kind}:{snapshot}';
export const SNAPSHOT_KINDS = {
  AwsRdsDbSnapshot: { kind: 'snapshot', shape: 'arn:{partition}:rds:{region}:{account}:snapshot:{snapshot}' },
  AwsRdsDbClusterSnapshot: {
    kind: 'cluster-snapshot',
    shape: 'arn:{partition}:rds:{region}:{account}:cluster-snapshot:{snapshot}',
  },
} as const;
export type SnapshotType = keyof typeof SNAPSHOT_KINDS;

/** RDS stores names in lower case. */
const SNAPSHOT_NAME = /(?!.*--)[a-z](?:[a-z0-9-]{0,253}[a-z0-9])?/;

/** An automated snapshot, `rds:…`, is never shared. */
const snapshotOf = (types: readonly SnapshotType[]): z.ZodType<SnapshotTarget, FindingResource> =>
  identifiedBy(
    SNAPSHOT,
    FindingResource.transform((resource, context) => {
      const type = types.find((each) => each === resource.Type) ?? types[0]!;
      const parsed = arn(type, SNAPSHOT_KINDS[type].shape, { snapshot: SNAPSHOT_NAME }).safeParse(resource);
      if (parsed.success) return { kind: SNAPSHOT_KINDS[type].kind, snapshot: parsed.data.snapshot };
      context.addIssue({ code: 'custom', message: parsed.error.issues[0]!.message });
      return z.NEVER;
    }),
  );

/** A snapshot of a DB instance or of a DB cluster. */
export const dbSnapshot = snapshotOf(['AwsRdsDbSnapshot', 'AwsRdsDbClusterSnapshot']);
export const dbClusterSnapshot = snapshotOf(['AwsRdsDbClusterSnapshot']);
