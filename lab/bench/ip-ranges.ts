/** What following the published ranges costs, document by document, beside an updater that revokes first. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../cli/errors/usage-error.ts';
import { fromCaller } from '../../cli/options/from-caller.ts';
import { table } from '../../cli/output/terminal.ts';
import { type IpRangesTarget, ipRangesTargets } from '../../ip-ranges/contract/targets.ts';
import { NOTHING_LEARNED } from '../../ip-ranges/planning/assign.ts';
import { type Cidr, FAMILIES, parseCidr } from '../../ip-ranges/planning/cidr.ts';
import { converge } from '../../ip-ranges/planning/converge.ts';
import { type Document, parseDocument, tokenOf, wantedRanges } from '../../ip-ranges/planning/document.ts';
import { learnt } from '../../ip-ranges/planning/learn.ts';
import { plan } from '../../ip-ranges/planning/plan.ts';
import { keyOf, type Rule, rulesFor } from '../../ip-ranges/planning/state.ts';
import { type Cost, GroupsInMemory } from './groups-in-memory.ts';

export type BenchOptions = {
  readonly documents: string;
  readonly service?: readonly string[];
  readonly ports?: string;
  readonly json?: boolean;
};
export type Result = Cost & {
  readonly service: string;
  readonly updater: 'suture' | 'revoke-first';
  /** Documents that have ranges of the service. */
  readonly documents: number;
  /** At the end. */
  readonly groups: number;
};

const SERVICES = ['CLOUDFRONT_ORIGIN_FACING', 'CLOUDFRONT'];
const LIMIT = 60;

export async function ipRangesBench({
  documents,
  service = SERVICES,
  ports = '443',
  json,
}: BenchOptions): Promise<string> {
  const sequence = await documentsIn(fromCaller(documents));
  const results: Result[] = [];
  for (const SERVICE of service) {
    const target = ipRangesTargets({ SERVICE, PORTS: ports }, { account: '000000000000', region: 'us-east-1' })[0]!;
    const having = sequence.filter((document) => wantedRanges(document, target).empty.length === 0);
    const common = { service: SERVICE, documents: having.length };
    results.push({ ...common, updater: 'suture', ...(await replayed(having, target, bring)) });
    results.push({ ...common, updater: 'revoke-first', ...(await replayed(having, target, revokeFirst)) });
  }
  if (json) return JSON.stringify({ documents: sequence.length, results }, null, 2);
  return [
    `${sequence.length} documents of ${documents}, ports ${ports}, ${LIMIT} rules a group`,
    '',
    inTable(results),
  ].join('\n');
}

/** Those of a directory, oldest first; what is no document is left out. */
async function documentsIn(directory: string): Promise<Document[]> {
  const names = await readdir(directory).catch((error) => {
    throw new UsageError(`--documents ${directory} cannot be read: ${error.message}`);
  });
  const documents: Document[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const text = await readFile(join(directory, name), 'utf8');
    try {
      documents.push(parseDocument(text));
    } catch (error) {
      console.error(`${name} is left out: ${(error as Error).message}`);
    }
  }
  if (documents.length === 0)
    throw new UsageError(`--documents ${directory} holds no document of the published format.`);
  return documents.toSorted((a, b) => tokenOf(a) - tokenOf(b));
}

type Updater = (groups: GroupsInMemory, document: Document, target: IpRangesTarget) => Promise<unknown>;

async function replayed(documents: readonly Document[], target: IpRangesTarget, updater: Updater) {
  const groups = new GroupsInMemory();
  for (const document of documents) await updater(groups, document, target);
  return { ...groups.cost, groups: groups.size };
}

const bring: Updater = (groups, document, target) => {
  groups.wanted = new Set(rulesFor(wantedRanges(document, target).ranges, target.ports).map(keyOf));
  return converge({
    world: groups,
    clock: { now: () => 0, sleep: async () => {}, deadline: Number.POSITIVE_INFINITY, random: () => 0 },
    plan: (state, learned) => plan(document, state, target, { allowShrink: true, learned }),
    learned: NOTHING_LEARNED,
    learn: learnt,
  });
};

/**
 * As published samples do it: the rows in the order of the document, the first sixty to the first group, the next to the
 * second; in each group, first off with what is not among its rows, then on with what is missing.
 */
const revokeFirst: Updater = async (groups, document, target) => {
  const rules = rulesFor(rowsIn(document, target.services), target.ports);
  groups.wanted = new Set(rules.map(keyOf));
  const chunks = FAMILIES.map((family) => chunked(rules.filter(({ cidr }) => cidr.family === family)));
  const count = Math.max(groups.size, ...chunks.map(({ length }) => length));
  for (let n = 0; n < count; n++) {
    const group = `group-${n + 1}`;
    const wanted = chunks.flatMap((chunk) => chunk[n] ?? []);
    const keys = new Set(wanted.map(keyOf));
    if (n >= groups.size) await groups.perform({ kind: 'create', group });
    const held = groups.rules(group);
    const off = held.filter((rule) => !keys.has(keyOf(rule)));
    const on = wanted.filter((rule) => !held.some((other) => keyOf(other) === keyOf(rule)));
    if (off.length > 0) await groups.perform({ kind: 'revoke', group, rules: off });
    if (on.length > 0) await groups.perform({ kind: 'authorize', group, rules: on });
  }
};

/** Each row once, in the order of the document. */
function rowsIn({ prefixes, ipv6_prefixes }: Document, services: readonly string[]): Cidr[] {
  const rows = [
    ...prefixes.map(({ ip_prefix, service }) => ({ text: ip_prefix, family: 'IPv4' as const, service })),
    ...ipv6_prefixes.map(({ ipv6_prefix, service }) => ({ text: ipv6_prefix, family: 'IPv6' as const, service })),
  ].filter(({ service }) => services.includes(service));
  return [...new Map(rows.map(({ text, family }) => [text, parseCidr(text, family)])).values()];
}

const chunked = (rules: readonly Rule[]): Rule[][] =>
  Array.from({ length: Math.ceil(rules.length / LIMIT) }, (_, n) => rules.slice(n * LIMIT, (n + 1) * LIMIT));

const inTable = (results: readonly Result[]) =>
  table(
    ['service', 'updater', 'documents', 'authorized', 'revoked', 'mutating calls', 'groups', 'wanted, yet taken away'],
    results.map(({ service, updater, documents, authorized, revoked, calls, groups, stillWanted }) =>
      [service, updater, documents, authorized, revoked, calls, groups, stillWanted].map(String),
    ),
  );
