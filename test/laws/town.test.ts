/** The town has a record of every kind of each service that a remediation may change, and services find their records. */
import { describe, expect, it } from 'vitest';
import type { Place } from '../../functions/contract/remediation.ts';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import trails from '../../functions/remediations/cloudtrail/validate-log-files/scenarios.ts';
import groups from '../../functions/remediations/ec2/close-admin-ports/scenarios.ts';
import fileSystems from '../../functions/remediations/efs/back-up-file-systems/scenarios.ts';
import accessKeys from '../../functions/remediations/iam/deactivate-old-access-keys/scenarios.ts';
import keys from '../../functions/remediations/kms/rotate-keys/scenarios.ts';
import buckets from '../../functions/remediations/s3/block-bucket-public-access/scenarios.ts';
import { arrangeIn } from '../../lab/laws/neighbours.ts';
import {
  FINDING_PLACE,
  OTHER_ACCOUNT_PLACE,
  OTHER_PLACE,
  OTHER_REGION_PLACE,
  PROOF_MANAGEMENT_ACCOUNT,
} from '../../lab/laws/places.ts';
import { openProofSandbox } from '../../lab/laws/proof-sandbox.ts';
import { fixTargetOf, targetRecords } from '../../lab/laws/target-records.ts';
import { BUILDERS } from '../../lab/laws/town/builders.ts';
import { buildTown, kindsWithoutRecords } from '../../lab/laws/town/town.ts';
import { comparableOf, serviceOf } from '../../lab/laws/world.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { stateDifferences } from '../../sandbox/kernel/comparison.ts';
import { stateName } from '../../sandbox/kernel/state-key.ts';
import type { RecordState } from '../../sandbox/records/record.ts';
import { ec2 } from '../../sandbox/services/ec2/index.ts';
import { EC2 } from '../../sandbox/services/ec2/state.ts';
import { EFS } from '../../sandbox/services/efs/state.ts';
import { SERVICES } from '../../sandbox/services/services.generated.ts';

it('every service declares how its state is compared and its records are located', () => {
  const silent = SERVICES.filter(({ comparable, locate }) => !comparable || !locate);
  expect(silent.map(({ name }) => name)).toEqual([]);
});

/** Kinds of records that no call of a builder creates, and why. */
const WITHOUT_RECORDS: Readonly<Record<string, string>> = {
  'appconfigdata sessions': 'a session is an activity',
  'cloudwatch dashboards': 'only templates create them',
  'eventbridge replays': 'a replay is an activity',
  'iam credentialReport': 'a remediation that asks for one is found',
  'lambda mappings': 'only templates create them',
  'lambda urls': 'only templates create them',
  'logs resourcePolicies': 'only templates create them',
  'organizations delegated': 'the organization has none',
  'organizations units': 'the organization has none',
  'securityhub findings': 'they are no resources',
  'servicequotas appliedValues': 'AWS raises quotas',
  'sfn aliases': 'only templates create them',
  'sfn executions': 'an execution is an activity',
  'sqs deletedAt': 'a deletion is an activity',
  'sqs moveTasks': 'a move is an activity',
};

it('has a record of every kind in each place', async () => {
  const accounts = [PROOF_MANAGEMENT_ACCOUNT, FINDING_PLACE.account, OTHER_ACCOUNT_PLACE.account];
  const sandbox = await createSandbox({
    organization: {
      id: 'o-town000001',
      managementAccount: PROOF_MANAGEMENT_ACCOUNT,
      accounts: accounts.map((id) => ({ id, name: id })),
    },
    homeRegion: FINDING_PLACE.region,
  });
  const services = SERVICES.filter(({ name }) => BUILDERS[name] !== undefined);
  await buildTown(sandbox, services);
  const missing = services.flatMap((service) =>
    [FINDING_PLACE, OTHER_REGION_PLACE, OTHER_ACCOUNT_PLACE, OTHER_PLACE].flatMap((place) =>
      kindsWithoutRecords(sandbox, service, place)
        .filter((kind) => WITHOUT_RECORDS[`${service.name} ${kind}`] === undefined)
        .map((kind) => `${service.name} ${kind} in ${place.account} ${place.region}`),
    ),
  );
  await sandbox.close();
  expect(missing).toEqual([]);
});

const DRESSED: readonly (readonly [Scenarios, string, readonly string[]])[] = [
  [groups, 'SSH is open to the internet', ['tags', 'rules']],
  [accessKeys, 'a key was never rotated', ['tags', 'inline', 'attached', 'groups']],
  [buckets, 'the bucket is older than the settings', ['tags', 'versioning', 'objects']],
  [keys, 'rotation is off', ['tags']],
  [trails, 'it is set otherwise', ['tags', 'logging', 'globalEvents']],
];

it.each(DRESSED)('dresses the resource of a scenario: %#', async (scenarios, name, members) => {
  const proof = await openProofSandbox(scenarios);
  const dressed = await proof.arrange(name);
  const [{ state, path } = { state: '', path: [] }] = targetRecords(proof.sandbox, fixTargetOf(dressed), []);
  const faulty = dressed.neighbours.find(({ place }) => place.account === OTHER_ACCOUNT_PLACE.account)!;
  const plain = { ...fixTargetOf(dressed), resource: faulty.resource, place: faulty.place };
  const [other = { state: '', path: [] }] = targetRecords(proof.sandbox, plain, []);
  const recordAt = (from: string, at: readonly string[]) => {
    const comparable: any = comparableOf(serviceOf(proof.sandbox, from), dressed.world.get(from));
    return comparable[at[0]!].get(at[1]!);
  };
  const [record, undressed] = [recordAt(state, path), recordAt(other.state, other.path)];
  for (const member of members) expect(stateDifferences(undressed[member], record[member]), member).not.toEqual([]);
  await proof.close();
});

it('compares and locates a new kind of record and a new setting without a declaration', () => {
  const state = { ...EC2.state(FINDING_PLACE), carriers: new Map([['cagw-1', { limit: 1 }]]), serialConsole: false };
  state.tags.set('cagw-1', { owner: 'me' });
  const changed = { ...state, carriers: new Map([['cagw-1', { limit: 2 }]]), serialConsole: true };
  const [from, to] = [state, changed].map((each) => ec2.comparable!(each));
  expect(stateDifferences(from, to).map(({ path }) => path.join('.'))).toEqual([
    'carriers.cagw-1.limit',
    'settings.serialConsole',
  ]);
  const arn = 'arn:aws:ec2:us-east-1:333333333333:carrier-gateway/cagw-1';
  expect(ec2.locate!(arn, state, FINDING_PLACE)).toEqual([['carriers', 'cagw-1']]);
  expect((from as any).carriers.get('cagw-1').tags).toEqual({ owner: 'me' });
});

describe('a service without a builder', () => {
  const { efs: _, ...withoutEfs } = BUILDERS;
  const townOfEfs = async (makes: (name: string) => boolean) => {
    const proof = await openProofSandbox(fileSystems, { alone: true });
    const service = serviceOf(proof.sandbox, stateName(EFS, FINDING_PLACE))!;
    const control = fileSystems.remediation.handles.controls[0]!;
    const makeExample = async (place: Place, name: string) =>
      makes(name) && (await arrangeIn(proof.sandbox, fileSystems, control, place, name));
    try {
      await buildTown(proof.sandbox, [service], makeExample, withoutEfs);
      return proof.sandbox.snapshot();
    } finally {
      await proof.close();
    }
  };

  it('gets an example of the faulty resource in each place', async () => {
    const world = await townOfEfs(() => true);
    const counts = [FINDING_PLACE, OTHER_REGION_PLACE, OTHER_ACCOUNT_PLACE, OTHER_PLACE].map((place) => {
      const { kinds } = world.get(stateName(EFS, place)) as RecordState;
      return kinds.fileSystems!.size;
    });
    expect(counts).toEqual([1, 1, 1, 1]);
  });

  it('is refused if the examples lack a kind of record', async () => {
    await expect(townOfEfs((name) => !name.includes(OTHER_PLACE.region))).rejects.toThrow(
      /The town has no fileSystems of efs: .* Add a builder/,
    );
  });
});
