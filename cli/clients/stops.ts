import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SwitchReply } from '../../functions/domain/api-runs.ts';
import { type Circuit, circuitState } from '../../functions/domain/circuit.ts';
import { AUDIT, CAPS, CIRCUITS, executionsIn, hourOf, KILL_SWITCH } from '../../functions/domain/stops.ts';
import { stopEntryIn } from '../../functions/ledger/kill-switch.ts';
import type { DynamoItem } from '../../functions/ledger/ledger-items.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';
import { apiWith } from './api.ts';
import { getItem, queryItems } from './ledger-table.ts';

export type SwitchAuditLine = {
  readonly at: string;
  readonly action: 'stop' | 'resume';
  readonly by: string;
  readonly reason: string;
  /** The second person, if there had to be one. */
  readonly approvedBy?: string;
  /** The reason why there was none. */
  readonly alone?: string;
};

export type CircuitLine = {
  readonly remediation: string;
  /** Null for the organization's circuit. */
  readonly account: string | null;
  /** `halfOpen`: the next change is a trial; `onTrial`: the trial is in progress. */
  readonly state: 'open' | 'halfOpen' | 'onTrial';
  readonly openedAt: string;
  readonly until: string;
  readonly failures: number;
};
export type CapLine = {
  readonly remediation: string;
  /** Null for the organization's cap. */
  readonly account: string | null;
  readonly cap: number;
};
export type Stops = {
  readonly stopped: StopEntry | null;
  readonly circuits: readonly CircuitLine[];
  readonly caps: readonly CapLine[];
  readonly executions: { readonly thisHour: number; readonly cap: number | null };
  /** At most fifty lines, newest first. */
  readonly audit: readonly SwitchAuditLine[];
};

export type StopsClient = {
  stopped(): Promise<StopEntry | null>;
  /** @throws Unreachable if IAM does not let the caller do it */
  requirePermission(action: 'stop' | 'resume'): Promise<void>;
  /** Returns false, without a change, if the same person has stopped as much already. */
  stop(reason: string, all?: boolean): Promise<boolean>;
  /**
   * Deletes the stop that was read, or proposes that if somebody else stopped too. Changes nothing if the stop is gone or
   * another one has replaced it.
   */
  resume(read: StopEntry, reason: string): Promise<SwitchReply>;
  all(): Promise<Stops>;
};

const AUDIT_LINES = 50;

export function stopsClient(client = new DynamoDBClient({}), now = Date.now): StopsClient {
  const send = async (route: 'stop' | 'resume', body: object) =>
    SwitchReply.parse(await (await apiWith(client)).call(route, { body }));
  return {
    stopped: () => readStopEntry(client),
    requirePermission: async (action) => (await apiWith(client)).requirePermission(action),
    stop: async (reason, all) => (await send('stop', { reason, ...(all && { all }) })).isChanged,
    resume: ({ at }, reason) => send('resume', { at, reason }),
    all: () => readStops(client, now()),
  };
}

async function readStopEntry(client: DynamoDBClient): Promise<StopEntry | null> {
  const item = await getItem(client, KILL_SWITCH);
  return item ? stopEntryIn(item) : null;
}

async function readStops(client: DynamoDBClient, now: number): Promise<Stops> {
  const hour = hourOf(now);
  const [stopped, circuits, caps, executions, audit] = await Promise.all([
    readStopEntry(client),
    queryItems(client, CIRCUITS),
    queryItems(client, CAPS, { prefix: `${hour}#` }),
    getItem(client, executionsIn(hour)),
    queryItems(client, AUDIT, { newest: AUDIT_LINES }),
  ]);
  return {
    stopped,
    circuits: circuits.flatMap((item) => circuitLine(item, now)),
    caps: caps.map(capLine),
    executions: {
      thisHour: Number(executions?.started?.N ?? 0),
      cap: executions ? Number(executions.cap?.N) : null,
    },
    audit: audit.map((item) => ({
      at: item.at!.S!,
      action: item.action!.S as SwitchAuditLine['action'],
      by: item.by!.S!,
      reason: item.reason!.S!,
      ...(item.approvedBy?.S && { approvedBy: item.approvedBy.S }),
      ...(item.alone?.S && { alone: item.alone.S }),
    })),
  };
}

function circuitLine(item: DynamoItem, now: number): CircuitLine[] {
  const number = (name: keyof Circuit) => (item[name]?.N === undefined ? undefined : Number(item[name].N));
  const circuit: Circuit = {
    openedAt: number('openedAt'),
    openUntil: number('openUntil'),
    trialBy: item.trialBy?.S,
    trialUntil: number('trialUntil'),
  };
  const state = circuitState(circuit, now);
  if (state.kind === 'closed') return [];
  const [remediation, account = null] = item.sk!.S!.split('#');
  return [
    {
      remediation: remediation!,
      account,
      state: state.kind,
      openedAt: new Date(circuit.openedAt ?? 0).toISOString(),
      until: new Date('until' in state ? state.until : circuit.openUntil!).toISOString(),
      failures: Number(item.failures?.N ?? 0),
    },
  ];
}

function capLine({ sk, cap }: DynamoItem): CapLine {
  const [, remediation, account] = sk!.S!.split('#');
  return { remediation: remediation!, account: account === '*' ? null : account!, cap: Number(cap!.N) };
}
