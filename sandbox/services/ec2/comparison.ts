/** Compares groups with their rules, all resources with their tags, and VPCs, subnets and interfaces with flow logs. */
import type { FlowLog } from '@aws-sdk/client-ec2';
import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import { ruleIdentity } from './permissions.ts';
import type {
  EbsSnapshot,
  Ec2Instance,
  Ec2State,
  MachineImage,
  ManagedPrefixList,
  NetworkInterface,
  PlainEc2Record,
  SecurityGroupRule,
  TransitGateway,
} from './state.ts';

/** Nobody can read client tokens. */
function comparable({ rules, tags, clientTokens: _, flowLogs, ...state }: Ec2State): unknown {
  const logs = flowLogsByResource(flowLogs, tags);
  const members = Object.entries({ ...state, groups: groupsWithRules(state, rules, tags) });
  const maps = members.filter(([, member]) => member instanceof Map) as [string, Map<string, object>][];
  return {
    ...Object.fromEntries(
      maps.map(([kind, map]) => [kind, withFlowLogs(kind, withTags(kind, map, tags), logs)] as const),
    ),
    settings: Object.fromEntries(members.filter(([, member]) => !(member instanceof Map))),
  };
}

function withTags(kind: string, records: ReadonlyMap<string, object>, tags: Ec2State['tags']): Map<string, object> {
  const comparableRecord = RECORDS[kind] ?? ((record: object) => record);
  return new Map([...records].map(([id, record]) => [id, { ...comparableRecord(record), tags: tags.get(id) ?? {} }]));
}

type LogsByResource = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

const HAVE_FLOW_LOGS = ['vpcs', 'subnets', 'interfaces'];

const withFlowLogs = (kind: string, records: Map<string, object>, logs: LogsByResource): Map<string, object> =>
  HAVE_FLOW_LOGS.includes(kind)
    ? new Map([...records].map(([id, record]) => [id, { ...record, flowLogs: logs.get(id) ?? new Map() }]))
    : records;

/** A flow log that is created again has a new id. */
function flowLogsByResource(flowLogs: Ec2State['flowLogs'], tags: Ec2State['tags']): LogsByResource {
  const byResource = new Map<string, Map<string, unknown>>();
  for (const { id, fields } of flowLogs.values()) {
    const ofResource = byResource.get(fields.ResourceId ?? '') ?? new Map();
    byResource.set(fields.ResourceId ?? '', ofResource);
    const { CreationTime, ...settings } = fields;
    const own = { id: generated(id), created: generated(CreationTime), tags: tags.get(id) ?? {} };
    ofResource.set(flowLogName(fields), { ...settings, ...own });
  }
  return byResource;
}

const flowLogName = ({ TrafficType, LogDestination, LogGroupName }: FlowLog): string =>
  `${TrafficType} ${LogDestination ?? LogGroupName}`;

/** Kinds of records with members that AWS generates, or that have no order. */
const RECORDS: Readonly<Record<string, (record: any) => object>> = {
  interfaces: (record: NetworkInterface) => ({ ...record, groups: new Set(record.groups) }),
  prefixLists: comparablePrefixList,
  volumes: withGenerated('CreateTime'),
  snapshots: comparableSnapshot,
  images: comparableImage,
  instances: comparableInstance,
  transitGateways: comparableGateway,
};

function withGenerated(name: string) {
  return ({ fields, ...record }: PlainEc2Record<object>) => ({
    ...record,
    fields: { ...fields, [name]: generated((fields as Record<string, unknown>)[name]) },
  });
}

function comparableSnapshot(record: EbsSnapshot) {
  return { ...withGenerated('StartTime')(record), sharedWith: new Set(record.sharedWith) };
}

function comparableImage(record: MachineImage) {
  return { ...withGenerated('CreationDate')(record), sharedWith: new Set(record.sharedWith) };
}

/** While AWS creates or changes a gateway, its state says so. */
function comparableGateway({ settlesAt, fields, ...record }: TransitGateway) {
  const { State, ...settled } = fields;
  return {
    ...withGenerated('CreationTime')({ ...record, fields: settled }),
    progress: generated({ State, settlesAt }),
  };
}

function comparableInstance({ settlesAt, ...record }: Ec2Instance) {
  return { ...withGenerated('LaunchTime')(record), settlesAt: generated(settlesAt) };
}

function groupsWithRules(
  { groups }: Pick<Ec2State, 'groups'>,
  rules: Ec2State['rules'],
  tags: Ec2State['tags'],
): Map<string, object> {
  const byGroup = rulesByGroup(rules, tags);
  return new Map([...groups].map(([id, group]) => [id, { ...group, rules: byGroup.get(id) ?? new Map() }]));
}

/** A rule that is authorized again has a new id, and the tags of the request. */
function rulesByGroup(rules: Ec2State['rules'], tags: Ec2State['tags']): Map<string, Map<string, unknown>> {
  const byGroup = new Map<string, Map<string, unknown>>();
  for (const rule of rules.values()) {
    const ofGroup = byGroup.get(rule.groupId) ?? new Map();
    byGroup.set(rule.groupId, ofGroup);
    const { description } = rule;
    ofGroup.set(ruleName(rule), { id: generated(rule.id), description, tags: tags.get(rule.id) ?? {} });
  }
  return byGroup;
}

const ruleName = (rule: SecurityGroupRule): string => `${rule.direction} ${ruleIdentity(rule)}`;

/** A list that gets its old entries again has a new version; old versions stay. */
function comparablePrefixList({ versions, version, state, stateMessage, settlesAt, ...list }: ManagedPrefixList) {
  return {
    ...list,
    entries: versions.get(version),
    version: generated(version),
    progress: generated({ state, stateMessage, settlesAt }),
  };
}

/** The map that has a resource's id tells its kind. */
function locate(
  resource: string,
  { rules, tags: _tags, clientTokens: _tokens, flowLogs, ...state }: Ec2State,
): RecordPath[] {
  if (resource === '*') return [['settings']];
  const [, id = ''] = parseArn(resource).resource.split('/');
  const rule = rules.get(id);
  if (rule) return [['groups', rule.groupId, 'rules', ruleName(rule)]];
  const log = flowLogs.get(id)?.fields;
  const owner = log?.ResourceId ?? id;
  const kind = Object.entries(state).find(([, records]) => records instanceof Map && records.has(owner))?.[0];
  if (kind !== undefined && log) return [[kind, owner, 'flowLogs', flowLogName(log)]];
  if (kind !== undefined) return [[kind, id]];
  // A resource that is gone has no record.
  return id === '' ? [] : [['gone', id]];
}

export const ec2Comparison = { comparable, locate };
