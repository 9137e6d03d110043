/** Replays published documents, and compares the calls of Suture with those of an updater that revokes first. */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { table } from '../../cli/output/terminal.ts';
import { type IpRangesInput, type IpRangesTarget, ipRangesTargets } from '../../ip-ranges/contract/targets.ts';
import { converge } from '../../ip-ranges/function/converge.ts';
import { parseDocument } from '../../ip-ranges/function/parse-document.ts';
import { FAMILIES } from '../../ip-ranges/planning/cidr.ts';
import { type Document, wantedRanges } from '../../ip-ranges/planning/document.ts';
import { planGroups } from '../../ip-ranges/planning/plan.ts';
import { type IngressRule, ruleKey, rulesFor } from '../../ip-ranges/planning/state.ts';
import { GroupsInMemory, type ReplayCost } from './groups-in-memory.ts';

export type RangesBenchOptions = {
  readonly documents: string;
  readonly service?: readonly string[];
  readonly ports?: string;
  readonly family?: readonly string[];
  readonly cover?: string;
  readonly rulesPerGroup?: number;
  readonly groupsPerInterface?: number;
  /** A network interface has the groups, so new ones are attached to it. */
  readonly interface?: boolean;
  /** Omits documents with an older syncToken. */
  readonly from?: number;
  readonly json?: boolean;
};
export type ReplayResult = ReplayCost & {
  readonly service: string;
  readonly updater: 'suture' | 'revoke-first';
  readonly documents: number;
  readonly groups: number;
  /** Documents after which the groups did not allow exactly the wanted addresses. */
  readonly inexact: number;
};

type Updater = (groups: GroupsInMemory, document: Document, target: IpRangesTarget) => Promise<unknown>;
type Replay = { readonly target: IpRangesTarget; readonly updater: Updater; readonly groups: GroupsInMemory };

const SERVICES = ['CLOUDFRONT_ORIGIN_FACING', 'CLOUDFRONT'];

export async function ipRangesBench(options: RangesBenchOptions): Promise<string> {
  const services = options.service ?? SERVICES;
  const replays = services.flatMap((service) => {
    const target = targetOf(service, options);
    const [rules, groups] = [target.rulesPerGroup as number, target.groupsPerInterface as number];
    const inMemory = () => new GroupsInMemory({ rules, groups }, Number(options.interface ?? false));
    return (['suture', 'revoke-first'] as const).map((updater) => ({
      replay: { target, groups: inMemory(), updater: updater === 'suture' ? convergeGroups : revokeFirst },
      counts: { service, updater, documents: 0, inexact: 0 },
    }));
  });
  let read = 0;
  for await (const document of documentsIn(fromCaller(options.documents), options.from)) {
    read += 1;
    const ofBenchServices = ofServices(document, services);
    for (const { replay, counts } of replays) {
      const exact = await replayDocument(ofBenchServices, replay);
      if (exact === undefined) continue;
      counts.documents += 1;
      counts.inexact += Number(!exact);
    }
  }
  const results = replays.map(({ replay: { groups }, counts }) => ({ ...counts, ...groups.cost, groups: groups.size }));
  if (options.json) return JSON.stringify({ documents: read, results }, null, 2);
  const { ports, families, cover, rulesPerGroup } = replays[0]!.replay.target;
  const portList = ports.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(',');
  const setting = `ports ${portList}, ${families.join(' and ')}, cover ${cover}, ${rulesPerGroup} rules a group`;
  return [`${read} documents of ${options.documents}, ${setting}`, '', resultTable(results)].join('\n');
}

function targetOf(service: string, options: RangesBenchOptions): IpRangesTarget {
  const { ports = '443', family, cover, rulesPerGroup, groupsPerInterface } = options;
  const target = {
    services: [service],
    ports: ports.split(','),
    ...(family && { families: family as ('IPv4' | 'IPv6')[] }),
    ...(cover && { cover: cover as 'minimal' | 'raw' }),
    ...(rulesPerGroup && { rulesPerGroup }),
    groupsPerInterface: groupsPerInterface ?? 16,
  } satisfies IpRangesInput['targets'][number];
  try {
    const own = { account: '000000000000', region: 'us-east-1' };
    return ipRangesTargets({ IP_RANGES: JSON.stringify({ targets: [target] }) }, own)[0]!;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/**
 * Yields the documents, oldest first. Prints a line for each file that is not a document.
 * @throws UsageError for a directory that cannot be read, or has no document
 */
async function* documentsIn(directory: string, from = 0): AsyncGenerator<Document> {
  const names = await readdir(directory).catch((error) => {
    throw new UsageError(`--documents ${directory} cannot be read: ${error.message}`);
  });
  const found: { readonly path: string; readonly token: number }[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const path = join(directory, name);
    try {
      const token = (await tokenAtHead(path)) ?? Number((await documentAt(path)).syncToken);
      if (token >= from) found.push({ path, token });
    } catch (error) {
      console.error(`${name} is left out: ${(error as Error).message}`);
    }
  }
  if (found.length === 0) throw new UsageError(`--documents ${directory} holds no document of the published format.`);
  for (const { path } of found.toSorted((a, b) => a.token - b.token))
    try {
      yield await documentAt(path);
    } catch (error) {
      console.error(`${path} is left out: ${(error as Error).message}`);
    }
}

const documentAt = async (path: string): Promise<Document> => parseDocument(await readFile(path, 'utf8'));

/** Returns the syncToken with which a published document begins, without parsing the document. */
async function tokenAtHead(path: string): Promise<number | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    const [, token] = /^\s*\{\s*"syncToken":\s*"(\d+)"/.exec(buffer.toString('utf8', 0, bytesRead)) ?? [];
    return token === undefined ? undefined : Number(token);
  } finally {
    await file.close();
  }
}

const ofServices = (document: Document, services: readonly string[]): Document => ({
  ...document,
  prefixes: document.prefixes.filter(({ service }) => services.includes(service)),
  ipv6_prefixes: document.ipv6_prefixes.filter(({ service }) => services.includes(service)),
});

/** Returns whether the groups are exact afterwards; undefined if the document has no range of the service. */
async function replayDocument(document: Document, { target, updater, groups }: Replay): Promise<boolean | undefined> {
  const { ranges, empty } = wantedRanges(document, target);
  if (empty.length > 0) return undefined;
  groups.wanted = rulesFor(ranges, target.ports);
  await updater(groups, document, target);
  return groups.isExact();
}

const convergeGroups: Updater = (groups, document, target) =>
  converge(groups, (state) => planGroups(document, state, target, { allowShrink: true }), {
    now: () => 0,
    sleep: async () => {},
    deadline: Number.POSITIVE_INFINITY,
    random: () => 0,
  });

/**
 * Works like published samples: assigns the first rows of the document to the first group, the next to the second, etc.
 * In each group it first revokes rules of other rows, then authorizes missing ones.
 */
const revokeFirst: Updater = async (groups, document, target) => {
  const limit = target.rulesPerGroup as number;
  const rules = rulesFor(rowsInOrder(document, target), target.ports);
  const chunks = FAMILIES.map((family) =>
    chunksOf(
      rules.filter(({ cidr }) => cidr.family === family),
      limit,
    ),
  );
  const count = Math.max(groups.size, ...chunks.map(({ length }) => length));
  for (let n = 0; n < count; n++) {
    const group = `group-${n + 1}`;
    const wanted = chunks.flatMap((chunk) => chunk[n] ?? []);
    const keys = new Set(wanted.map(ruleKey));
    if (n >= groups.size) {
      await groups.perform({ kind: 'create', group });
      for (const point of groups.points) await groups.perform({ kind: 'attach', point, groups: [group] });
    }
    const current = groups.rules(group);
    const extra = current.filter((rule) => !keys.has(ruleKey(rule)));
    const missing = wanted.filter((rule) => !current.some((other) => ruleKey(other) === ruleKey(rule)));
    if (extra.length > 0) await groups.perform({ kind: 'revoke', group, rules: extra });
    if (missing.length > 0) await groups.perform({ kind: 'authorize', group, rules: missing });
  }
};

/** `wantedRanges` sorts, so this calls it for each row to keep the document's order. */
function rowsInOrder(document: Document, target: IpRangesTarget) {
  const rows = [
    ...document.prefixes.map((row) => ({ ...document, prefixes: [row], ipv6_prefixes: [] })),
    ...document.ipv6_prefixes.map((row) => ({ ...document, prefixes: [], ipv6_prefixes: [row] })),
  ];
  const ranges = rows.flatMap((row) => wantedRanges(row, { ...target, cover: 'raw' }).ranges);
  return [...new Map(rulesFor(ranges, target.ports.slice(0, 1)).map((rule) => [ruleKey(rule), rule.cidr])).values()];
}

const chunksOf = (rules: readonly IngressRule[], limit: number): IngressRule[][] =>
  Array.from({ length: Math.ceil(rules.length / limit) }, (_, n) => rules.slice(n * limit, (n + 1) * limit));

const HEADINGS = ['service', 'updater', 'documents', 'authorized', 'revoked', 'mutating calls', 'groups'];

const resultTable = (results: readonly ReplayResult[]) =>
  table(
    [...HEADINGS, 'wanted but revoked', 'inexact documents'],
    results.map(({ service, updater, documents, authorized, revoked, calls, groups, lost, inexact }) =>
      [service, updater, documents, authorized, revoked, calls, groups, lost, inexact].map(String),
    ),
  );
