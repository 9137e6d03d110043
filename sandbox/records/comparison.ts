/** How the states of record services are compared, and where a resource's record is: both follow from the kinds. */
import { type Generated, generated, type RecordPath } from '../kernel/comparison.ts';
import type { Service } from '../kernel/kernel.ts';
import { idInArn, type RecordKind, type RecordState, type StoredRecord, settledRecord } from './record.ts';

type RecordComparison = Required<Pick<Service<unknown, RecordState>, 'comparable' | 'locate'>>;

/** `settings` are the names of the settings of the account, which `*` locates. */
export const recordComparison = (kinds: readonly RecordKind[]): RecordComparison => ({
  comparable: ({ kinds: records, settings }) => ({
    ...Object.fromEntries(kinds.map((kind) => [kind.name, comparableRecords(kind, records[kind.name]!)])),
    ...(Object.keys(settings).length > 0 && { settings }),
  }),
  locate: (resource, { kinds: records }) => {
    if (resource === '*') return [['settings']];
    return kinds.flatMap((kind) => pathsIn(kind, resource, records[kind.name]!));
  },
});

/** A change that AWS has not finished counts as made: its outcome is certain, only its time is not. */
const comparableRecords = (kind: RecordKind, records: ReadonlyMap<string, StoredRecord>): Map<string, unknown> =>
  new Map(
    [...records].flatMap(([id, record]) => {
      const settled = settledRecord(record);
      return settled ? [[id, comparableRecord(kind, settled, record)] as const] : [];
    }),
  );

function comparableRecord(kind: RecordKind, { arn, fields, tags, parts }: StoredRecord, { progress }: StoredRecord) {
  const { generated: names = [], lifecycle } = kind;
  const own = Object.fromEntries(names.map((name): [string, Generated | undefined] => [name, generated(fields[name])]));
  return {
    ...fields,
    ...parts,
    ...own,
    arn: kind.arn.includes('{id}') ? arn : generated(arn),
    tags,
    ...(lifecycle && { status: generated(progress ?? lifecycle.ready) }),
  };
}

function pathsIn(kind: RecordKind, resource: string, records: ReadonlyMap<string, StoredRecord>): RecordPath[] {
  const known = [...records].find(([, { arn }]) => arn === resource)?.[0];
  const id = known ?? idInArn(kind, resource);
  return id === undefined ? [] : [[kind.name, id]];
}
