/** Compares states of record services and locates a resource's record. Both follow from the kinds. */
import { type Generated, generated, type RecordPath } from '../kernel/comparison.ts';
import type { AwsPlace, Service } from '../kernel/kernel.ts';
import {
  idInArn,
  type RecordFields,
  type RecordKind,
  type RecordState,
  recordArn,
  type StoredRecord,
  settledRecord,
} from './record.ts';
import { type AccountSetting, settingName } from './settings.ts';

type RecordComparison = Required<Pick<Service<unknown, RecordState>, 'settled' | 'comparable' | 'locate'>>;

/**
 * Compares and locates the records of these kinds, and the account's settings, which `*` locates together.
 * @param known settings with an ARN of their own, or with members that AWS generates
 */
export const recordComparison = (
  kinds: readonly RecordKind[],
  known: readonly AccountSetting[] = [],
): RecordComparison => ({
  settled: ({ kinds: records, settings }) => ({
    kinds: Object.fromEntries(Object.entries(records).map(([name, stored]) => [name, settledRecords(stored)])),
    settings,
  }),
  comparable: ({ kinds: records, settings }) => ({
    ...Object.fromEntries(kinds.map((kind) => [kind.name, comparableRecords(kind, records[kind.name]!)])),
    ...(Object.keys(settings).length > 0 && { settings: comparableSettings(settings, known) }),
  }),
  locate: (resource, { kinds: records }, place) => {
    if (resource === '*') return [['settings']];
    const ofSettings = known.flatMap((setting) => settingPaths(setting, resource));
    return [...ofSettings, ...kinds.flatMap((kind) => pathsIn(kind, resource, records[kind.name]!, place))];
  },
});

const comparableSettings = (settings: RecordState['settings'], generating: readonly AccountSetting[]): object =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const setting = generating.find((each) => name === each.name || name.startsWith(`${each.name} `));
      return [name, { ...value, ...generatedMembers(setting?.generated ?? [], value) }];
    }),
  );

const generatedMembers = (names: readonly string[], fields: RecordFields) =>
  Object.fromEntries(names.map((name): [string, Generated | undefined] => [name, generated(fields[name])]));

/** A change that AWS has not finished counts as finished: its outcome is certain, only its time is not. */
const settledRecords = (records: ReadonlyMap<string, StoredRecord>): Map<string, StoredRecord> =>
  new Map(
    [...records].flatMap(([id, record]) => {
      const settled = settledRecord(record);
      return settled ? [[id, settled] as const] : [];
    }),
  );

const comparableRecords = (kind: RecordKind, records: ReadonlyMap<string, StoredRecord>): Map<string, unknown> =>
  new Map([...settledRecords(records)].map(([id, record]) => [id, comparableRecord(kind, record)]));

function comparableRecord(kind: RecordKind, { arn, fields, tags, parts }: StoredRecord) {
  const { generated: names = [], parts: kinds = [] } = kind;
  const comparableParts = kinds.flatMap(({ name, generated: members = [] }) => {
    const part = parts[name] as RecordFields | undefined;
    return part && members.length > 0 ? [[name, { ...part, ...generatedMembers(members, part) }]] : [];
  });
  return {
    ...fields,
    ...parts,
    ...Object.fromEntries(comparableParts),
    ...generatedMembers(names, fields),
    arn: kind.arn.includes('{id}') ? arn : generated(arn),
    tags,
  };
}

function pathsIn(
  kind: RecordKind,
  resource: string,
  records: ReadonlyMap<string, StoredRecord>,
  place: AwsPlace,
): RecordPath[] {
  const aliasOf = ({ fields }: StoredRecord, id: string) =>
    kind.alias && recordArn({ arn: kind.alias }, place, id, fields);
  const known = [...records].find(([id, record]) => [record.arn, aliasOf(record, id)].includes(resource))?.[0];
  const id = known ?? idInArn(kind, resource);
  return id === undefined ? [] : [[kind.name, kind.normalId?.(id) ?? id]];
}

/** IAM knows some settings by an id, and others only as those of the account. */
function settingPaths(setting: AccountSetting, resource: string): RecordPath[] {
  if (setting.arn === '*') return [];
  const shape = setting.arn.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'id' ? '(.+)' : '[^:]*'));
  const found = new RegExp(`^${shape}$`).exec(resource);
  if (!found) return [];
  return [found[1] === undefined ? ['settings'] : ['settings', settingName(setting, found[1])]];
}
