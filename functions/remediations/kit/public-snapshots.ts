/**
 * RDS.1, DocumentDB.3 and Neptune.3: manual snapshots that every AWS account may restore. The snapshots of all three
 * services have one API. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSnapshotAttribute.html
 */
import {
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBSnapshotAttributesCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import * as z from 'zod';
import { defineRemediation, type Permission, type Remediation, targetArn } from '../../contract/remediation.ts';
import { orUndefined } from './or-undefined.ts';
import {
  dbClusterSnapshot,
  dbSnapshot,
  SNAPSHOT_KINDS,
  type SnapshotTarget,
  type SnapshotType,
} from './snapshot-target.ts';
import { tagsOfList } from './tag-list.ts';

type Context = { readonly rds: RDSClient; readonly target: SnapshotTarget };

/** The value of the attribute `restore` that stands for every account. */
const EVERYBODY = 'all';

async function accountsThatRestore({ rds, target: { kind, snapshot } }: Context): Promise<string[] | undefined> {
  if (kind === 'snapshot') {
    const command = new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: snapshot });
    const answer = await orUndefined(rds.send(command), 'DBSnapshotNotFoundFault');
    return answer && valuesOf(answer.DBSnapshotAttributesResult?.DBSnapshotAttributes);
  }
  const command = new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: snapshot });
  const answer = await orUndefined(rds.send(command), 'DBClusterSnapshotNotFoundFault');
  return answer && valuesOf(answer.DBClusterSnapshotAttributesResult?.DBClusterSnapshotAttributes);
}

type SharingAttribute = { readonly AttributeName?: string; readonly AttributeValues?: string[] };
const valuesOf = (attributes: readonly SharingAttribute[] = []): string[] =>
  attributes.find(({ AttributeName }) => AttributeName === 'restore')?.AttributeValues ?? [];

/** Lets everybody restore the snapshot, or only the accounts that it is shared with by number. */
export async function setPublic({ rds, target: { kind, snapshot } }: Context, isPublic: boolean): Promise<void> {
  const change = isPublic ? { ValuesToAdd: [EVERYBODY] } : { ValuesToRemove: [EVERYBODY] };
  const input = { AttributeName: 'restore', ...change };
  if (kind === 'snapshot')
    await rds.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: snapshot, ...input }));
  else await rds.send(new ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier: snapshot, ...input }));
}

type Sharing = { readonly everybody: boolean };
type PublicSnapshots = Pick<Remediation, 'id' | 'title'> & {
  readonly controls: readonly string[];
  readonly types: readonly SnapshotType[];
};

export function publicSnapshots({ id, title, controls, types }: PublicSnapshots) {
  const target = types.length > 1 ? dbSnapshot : dbClusterSnapshot;
  return defineRemediation({
    ...{ id, title, handles: { controls }, target, risk: 'disruptive' },
    params: z.strictObject({}),
    state: z.strictObject({ everybody: z.boolean() }),
    reads: types.map((type) => PERMISSIONS[type].reads),
    writes: types.map((type) => PERMISSIONS[type].writes),
    clients: { rds: RDSClient },
  }).by({
    async read(context) {
      const accounts = await accountsThatRestore(context);
      return accounts && { everybody: accounts.includes(EVERYBODY) };
    },
    want: (): Sharing => ({ everybody: false }),
    write: (context, _, { everybody }) => setPublic(context, everybody),
    async tags({ rds, ...context }) {
      const ResourceName = targetArn({ id, target }, context, context.target);
      return tagsOfList((await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList);
    },
    summary: (_, { everybody }) =>
      everybody
        ? 'every AWS account may restore the snapshot'
        : 'only the accounts that the snapshot is shared with by number may restore it',
  });
}

const permissionsOf = <const A extends string>(
  shape: A,
  describe: `rds:${string}`,
  modify: `rds:${string}`,
): { readonly reads: Permission<A>; readonly writes: Permission<A> } => ({
  reads: {
    actions: [describe, 'rds:ListTagsForResource'],
    resources: [shape],
    because: 'who may restore the snapshot, and its tags',
  },
  writes: {
    actions: [modify],
    resources: [shape],
    because: 'removes the permission of everybody; rollback gives it back',
  },
});
const PERMISSIONS = {
  AwsRdsDbSnapshot: permissionsOf(
    SNAPSHOT_KINDS.AwsRdsDbSnapshot.shape,
    'rds:DescribeDBSnapshotAttributes',
    'rds:ModifyDBSnapshotAttribute',
  ),
  AwsRdsDbClusterSnapshot: permissionsOf(
    SNAPSHOT_KINDS.AwsRdsDbClusterSnapshot.shape,
    'rds:DescribeDBClusterSnapshotAttributes',
    'rds:ModifyDBClusterSnapshotAttribute',
  ),
};
