/** Manual snapshots for scenarios, each of a new database, created as an administrator of the account. */
import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { FindingResource, Remediation } from '../../contract/remediation.ts';
import { type Arrange, defineScenarios, type Scenario, type ScenarioContext } from '../../contract/scenario.ts';
import { setPublic } from './public-snapshots.ts';
import type { SnapshotTarget } from './snapshot-target.ts';
import { listOfTags } from './tag-list.ts';

type Clients = { readonly rds: RDSClient };
type Context = ScenarioContext<SnapshotTarget>;
export type ArrangeSnapshot = Arrange<Clients, SnapshotTarget>;

const ADMINISTRATOR = { MasterUsername: 'administrator', MasterUserPassword: 'for-a-scenario' };
const ANOTHER_ACCOUNT = '444455556666';

/** Creates a snapshot of a DB instance that these accounts may restore. */
const instanceSnapshot =
  (...ValuesToAdd: string[]): ArrangeSnapshot =>
  async ({ rds }, context) => {
    const id = context.target?.snapshot ?? context.name;
    const own = { DBInstanceIdentifier: id };
    const database = { ...own, DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: 20 };
    await rds.send(new CreateDBInstanceCommand({ ...database, ...ADMINISTRATOR }));
    await untilAvailable(context, async () =>
      (await rds.send(new DescribeDBInstancesCommand(own))).DBInstances?.map((each) => each.DBInstanceStatus),
    );
    await rds.send(new CreateDBSnapshotCommand({ DBSnapshotIdentifier: id, ...own }));
    await untilAvailable(context, async () =>
      (await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }))).DBSnapshots?.map(
        (each) => each.Status,
      ),
    );
    const share = { DBSnapshotIdentifier: id, AttributeName: 'restore', ValuesToAdd };
    if (ValuesToAdd.length > 0) await rds.send(new ModifyDBSnapshotAttributeCommand(share));
    return snapshotResource(context, { kind: 'snapshot', snapshot: id });
  };

/** Creates a snapshot of a DB cluster that these accounts may restore. */
export const clusterSnapshot =
  (Engine: string, ...ValuesToAdd: string[]): ArrangeSnapshot =>
  async ({ rds }, context) => {
    const id = context.target?.snapshot ?? context.name;
    const own = { DBClusterIdentifier: id };
    await rds.send(new CreateDBClusterCommand({ ...own, Engine, ...(Engine !== 'neptune' && ADMINISTRATOR) }));
    await untilAvailable(context, async () =>
      (await rds.send(new DescribeDBClustersCommand(own))).DBClusters?.map((each) => each.Status),
    );
    await rds.send(new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: id, ...own }));
    const created = { DBClusterSnapshotIdentifier: id };
    await untilAvailable(context, async () =>
      (await rds.send(new DescribeDBClusterSnapshotsCommand(created))).DBClusterSnapshots?.map((each) => each.Status),
    );
    const share = { ...created, AttributeName: 'restore', ValuesToAdd };
    if (ValuesToAdd.length > 0) await rds.send(new ModifyDBClusterSnapshotAttributeCommand(share));
    return snapshotResource(context, { kind: 'cluster-snapshot', snapshot: id });
  };

/** Creates a snapshot of a DB instance, or of an Aurora cluster if the finding is about one. */
export const instanceOrClusterSnapshot =
  (...accounts: string[]): ArrangeSnapshot =>
  (clients, context) => {
    const isOfCluster = context.target?.kind === 'cluster-snapshot';
    const create = isOfCluster ? clusterSnapshot('aurora-mysql', ...accounts) : instanceSnapshot(...accounts);
    return create(clients, context);
  };

const PAUSE_SECONDS = 30;
const MAX_PAUSES = 120;

async function untilAvailable(
  context: Context,
  statuses: () => Promise<readonly (string | undefined)[] | undefined>,
): Promise<void> {
  for (let n = 0; n < MAX_PAUSES; n++) {
    if ((await statuses())?.[0] === 'available') return;
    await context.pause(PAUSE_SECONDS);
  }
  throw new Error(`${context.name} was not available after ${MAX_PAUSES * PAUSE_SECONDS} s`);
}

const snapshotArn = (context: Context, { kind, snapshot }: SnapshotTarget): string =>
  `arn:${context.partition}:rds:${context.region}:${context.account}:${kind}:${snapshot}`;

const snapshotResource = (context: Context, target: SnapshotTarget): FindingResource => ({
  Type: target.kind === 'snapshot' ? 'AwsRdsDbSnapshot' : 'AwsRdsDbClusterSnapshot',
  Id: snapshotArn(context, target),
  Partition: context.partition,
  Region: context.region,
});

/** The scenarios of every remediation of public snapshots. */
export const publicSnapshotsScenarios = (
  remediation: Remediation<SnapshotTarget, any, {}, any, { readonly rds: typeof RDSClient }>,
  snapshot: (...accounts: string[]) => ArrangeSnapshot,
  more: Readonly<Record<string, Scenario<Clients, SnapshotTarget, {}>>> = {},
) =>
  defineScenarios(remediation, {
    faulty: snapshot('all'),
    fault: ({ rds }, { target }) => setPublic({ rds, target }, true),
    tag: ({ rds }, context, tags) =>
      rds.send(
        new AddTagsToResourceCommand({ ResourceName: snapshotArn(context, context.target), Tags: listOfTags(tags) }),
      ),
    scenarios: {
      'everybody may restore it': { expected: 'FIXED' },
      'everybody and an account by number may restore it': {
        arrange: snapshot('all', ANOTHER_ACCOUNT),
        expected: 'FIXED',
      },
      'an account by number may restore it': { arrange: snapshot(ANOTHER_ACCOUNT), expected: 'COMPLIANT' },
      'nobody else may restore it': { arrange: snapshot(), expected: 'COMPLIANT' },
      'it is gone': {
        arrange: async (_, context) => snapshotResource(context, { kind: 'cluster-snapshot', snapshot: context.name }),
        expected: 'COMPLIANT',
      },
      ...more,
    },
  });
