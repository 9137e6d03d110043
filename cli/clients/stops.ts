/** The stops in the ledger: the kill switch with its audit trail, circuits that are not closed, and caps that were reached. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Circuit, circuitState } from '../../functions/domain/circuit.ts';
import { AUDIT, CAPS, CIRCUITS, executionsIn, hourOf } from '../../functions/domain/stops.ts';
import type { DynamoItem } from '../../functions/ledger/ledger-items.ts';
import {
  readStopEntry,
  releaseKillSwitch,
  type StopEntry,
  type SwitchAuditLine,
  throwKillSwitch,
} from './kill-switch.ts';
import { getItem, queryItems } from './ledger-table.ts';

export type CircuitLine = {
  readonly remediation: string;
  /** `halfOpen`: the next change is let through as a trial; `onTrial`: the trial is under way. */
  readonly state: 'open' | 'halfOpen' | 'onTrial';
  readonly openedAt: string;
  /** The time when the trial is let through, or at which it expires. */
  readonly until: string;
  readonly failures: number;
};
export type CapLine = {
  readonly remediation: string;
  /** Null for the cap of the whole organization. */
  readonly account: string | null;
  readonly cap: number;
};
export type Stops = {
  readonly stopped: StopEntry | null;
  /** Circuits that are not closed. */
  readonly circuits: readonly CircuitLine[];
  /** Caps that were reached this hour. */
  readonly caps: readonly CapLine[];
  readonly executions: { readonly thisHour: number; readonly cap: number | null };
  /** At most fifty lines, the newest first. */
  readonly audit: readonly SwitchAuditLine[];
};

export type StopsClient = {
  stopped(): Promise<StopEntry | null>;
  /** Returns false, and changes nothing, if Suture is stopped already. */
  stop(by: string, reason: string): Promise<boolean>;
  /** Takes back the stop that was read; returns false if it is gone or another one has taken its place. */
  resume(read: StopEntry, by: string, reason: string): Promise<boolean>;
  all(): Promise<Stops>;
};

const AUDIT_LINES = 50;

export function stopsClient(client = new DynamoDBClient({}), now = Date.now): StopsClient {
  const isoNow = () => new Date(now()).toISOString();
  return {
    stopped: () => readStopEntry(client),
    stop: (by, reason) => throwKillSwitch(client, { at: isoNow(), by, reason }),
    resume: (read, by, reason) => releaseKillSwitch(client, read, { at: isoNow(), by, reason }),
    all: () => readStops(client, now()),
  };
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
  return [
    {
      remediation: item.sk!.S!,
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
