/** A remediation of a switch, and an account that has one, for the tests of the engine. */
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../functions/contract/remediation.ts';
import type { RemediationRequest } from '../../../functions/domain/job.ts';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import type { Journal } from '../../../functions/ports/journal.ts';
import type { LockedCopies } from '../../../functions/ports/locked-copies.ts';
import { runRemediation } from '../../../functions/remediate/engine.ts';

export const EXECUTION = 'arn:execution';

export const CHANGE = { execution: EXECUTION, version: 1 };

export type SwitchState = { readonly on: boolean };

/** The next `stale` reads show the state before the last write. */
export class Switch {
  state: SwitchState | undefined;
  writes = 0;
  stale = 0;
  #shown: SwitchState | undefined;

  constructor(state: SwitchState | undefined) {
    this.state = state;
    this.#shown = state;
  }
  get(): SwitchState | undefined {
    if (this.stale === 0) return this.state;
    this.stale -= 1;
    return this.#shown;
  }
  set(on: boolean): void {
    this.writes += 1;
    this.#shown = this.state;
    this.state = { on };
  }
}

export const SWITCH_ON = defineRemediation({
  id: 'toy/switch-on',
  title: 'Switch on',
  handles: { controls: ['Toy.1'] },
  risk: 'safe',
  target: accountTarget,
  params: z.strictObject({ never: z.boolean().default(false) }),
  state: z.strictObject({ on: z.boolean() }),
  reads: [{ actions: ['ec2:Read'], resources: ['*'], because: 'a toy' }],
  writes: [{ actions: ['ec2:Write'], resources: ['*'], because: 'a toy' }],
  clients: { client: Switch as never as new () => Switch },
}).by({
  read: async ({ client }) => client.get(),
  want: (_, { params }) => (params.never ? refused('policy says never') : { on: true }),
  write: async ({ client }, _, to) => client.set(to.on),
  summary: (from, to) => `${from.on} to ${to.on}`,
});

export const requestFor = (mode: RemediationRequest['mode'], params: object): RemediationRequest => ({
  v: 3,
  mode,
  execution: EXECUTION,
  started: '2026-11-01T00:00:00Z',
  finding: {
    id: 'f',
    productArn: 'p',
    control: 'Toy.1',
    account: '333333333333',
    region: 'us-east-1',
    partition: 'aws',
  },
  target: {},
  policy: { mode: 'auto', tags: {} },
  params,
  ...(mode === 'rollback' && { undo: CHANGE }),
});

export function memoryJournal(entries: JournalEntry[]): Journal {
  const isSame = (one: Pick<JournalEntry, 'key' | 'at'>) => (other: JournalEntry) =>
    one.key === other.key && one.at === other.at;
  return {
    entries: async (key) => structuredClone(entries.filter((entry) => entry.key === key).reverse()),
    put: async (entry) => {
      const at = entries.findIndex(isSame(entry));
      if (at < 0) entries.push(structuredClone(entry));
      else entries[at] = structuredClone(entry);
    },
    mark: async (marked, status, writtenAt) => {
      Object.assign(entries.find(isSame(marked))!, { status, ...(writtenAt !== undefined && { writtenAt }) });
    },
  };
}

export const memoryCopies = (copies: Map<string, JournalEntry>): LockedCopies => ({
  async keep(entry) {
    const kept = copies.get(entry.execution) ?? structuredClone(entry);
    copies.set(entry.execution, kept);
    return kept;
  },
  oldest: async (_, execution) => copies.get(execution),
});

/** The account has one switch; `steps` replaces steps of its remediation. */
export function switchAccount(start: SwitchState | undefined, steps: object = {}) {
  const world = new Switch(start);
  const entries: JournalEntry[] = [];
  const copies = new Map<string, JournalEntry>();
  const alerts: string[] = [];
  let now = Date.parse('2026-11-01T00:00:00Z');
  const pass = (ms: number) => {
    now += ms;
  };
  const deps = {
    journal: memoryJournal(entries),
    copies: memoryCopies(copies),
    alert: (message: string) => void alerts.push(message),
    session: async () => ({ client: world }),
    findStack: async () => undefined,
    findWrite: async () => undefined,
    now: () => now,
    sleep: async (ms: number) => pass(ms),
  };
  const go = (mode: RemediationRequest['mode'], params = {}, more: Partial<RemediationRequest> = {}) =>
    runRemediation({ ...SWITCH_ON, ...steps } as never, { ...requestFor(mode, params), ...more }, deps);
  return { world, entries, copies, alerts, deps, go, pass };
}

/** An hour after the clock of `account` begins. */
export const UNTIL = '2026-11-01T01:00:00.000Z';
