/** What stops changes, as the ledger has it: shown, and the kill switch thrown and taken back. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../../functions/contract/errors.ts';
import { type Circuit, circuitState } from '../../functions/domain/circuit.ts';
import {
  AUDIT,
  CAPS,
  CIRCUITS,
  executionsIn,
  hourOf,
  KILL_SWITCH,
  KILL_SWITCH_COPIES,
  type LedgerKey,
} from '../../functions/domain/stops.ts';
import { LEDGER_TABLE } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';

export type Stopped = { readonly by: string | null; readonly at: string | null; readonly reason: string | null };
export type CircuitLine = {
  readonly remediation: string;
  /** `halfOpen`: the next change is let through as a try; `trying`: it is under way. */
  readonly state: 'open' | 'halfOpen' | 'trying';
  readonly openedAt: string;
  /** When the try is let through, or is over at the latest. */
  readonly until: string;
  readonly failures: number;
};
export type CapLine = {
  readonly remediation: string;
  /** Null: the cap of the whole organization. */
  readonly account: string | null;
  readonly cap: number;
};
export type AuditLine = {
  readonly at: string;
  readonly action: 'stop' | 'resume';
  readonly by: string;
  readonly reason: string;
};
export type Stops = {
  readonly stopped: Stopped | null;
  /** Those that are not closed. */
  readonly circuits: readonly CircuitLine[];
  /** Those that were reached this hour. */
  readonly caps: readonly CapLine[];
  readonly executions: { readonly thisHour: number; readonly cap: number | null };
  /** The newest first, fifty at most. */
  readonly audit: readonly AuditLine[];
};

type Item = Record<string, AttributeValue>;

/** How often a copy of the kill switch may be part of another transaction, each looked at this many milliseconds later. */
const CONFLICTS = 100;
const PAUSE = 50;

export function stopsIn(client = new DynamoDBClient({}), now = Date.now) {
  const TableName = LEDGER_TABLE;

  const get = async (key: LedgerKey): Promise<Item | undefined> => {
    const { Item } = await inLedger(client, () =>
      client.send(new GetItemCommand({ TableName, Key: keyOf(key), ConsistentRead: true })),
    );
    return Item;
  };

  const query = async (pk: string, more: { begins?: string; newest?: number } = {}): Promise<Item[]> => {
    const { Items } = await inLedger(client, () =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: `pk = :pk${more.begins ? ' AND begins_with(sk, :begins)' : ''}`,
          ExpressionAttributeValues: { ':pk': { S: pk }, ...(more.begins && { ':begins': { S: more.begins } }) },
          ...(more.newest && { ScanIndexForward: false, Limit: more.newest }),
          ConsistentRead: true,
        }),
      ),
    );
    return Items ?? [];
  };

  /** Both or neither: nothing is stopped or resumed without a line that says by whom. False: it was so already. */
  async function changed(item: TransactWriteItem, line: AuditLine): Promise<boolean> {
    const { at, action, by, reason } = line;
    // Two may write in one millisecond.
    const sk = `${at}#${randomBytes(4).toString('hex')}`;
    const audit = {
      ...keyOf({ pk: AUDIT, sk }),
      at: { S: at },
      action: { S: action },
      by: { S: by },
      reason: { S: reason },
    };
    const TransactItems = [item, { Put: { TableName, Item: audit, ConditionExpression: 'attribute_not_exists(pk)' } }];
    try {
      await inLedger(client, () => client.send(new TransactWriteItemsCommand({ TransactItems })));
      return true;
    } catch (error) {
      const [reasons] = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (reasons?.Code === 'ConditionalCheckFailed') return false;
      throw error;
    }
  }

  /** Until none is part of a transaction that began before: those who look now are stopped, so there are ever fewer. */
  async function inCopies(write: (Key: Item) => Promise<unknown>): Promise<void> {
    for (const copy of KILL_SWITCH_COPIES)
      for (let attempt = 1; ; attempt++)
        try {
          await inLedger(client, () => write(keyOf(copy)));
          break;
        } catch (error) {
          if (isNamed(error, 'ConditionalCheckFailedException')) break;
          if (!isNamed(error, 'TransactionConflictException') || attempt === CONFLICTS) throw error;
          await setTimeout(PAUSE);
        }
  }

  return {
    async stopped(): Promise<Stopped | null> {
      const item = await get(KILL_SWITCH);
      return item ? { by: item.by?.S ?? null, at: item.at?.S ?? null, reason: item.reason?.S ?? null } : null;
    },

    /** False where it was stopped already; then nothing changes. */
    async stop(by: string, reason: string): Promise<boolean> {
      const at = new Date(now()).toISOString();
      const Item = { ...keyOf(KILL_SWITCH), by: { S: by }, at: { S: at }, reason: { S: reason } };
      const put = { Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' } };
      const stopped = await changed(put, { at, action: 'stop', by, reason });
      // Whoever looks from here on is stopped; the copies stop those that looked before. An earlier stop may lack some.
      await inCopies((Key) => client.send(new PutItemCommand({ TableName, Item: { ...Item, ...Key } })));
      return stopped;
    },

    /** Takes back the stop that was seen; false where it is gone, or another one has taken its place. */
    async resume(seen: Stopped, by: string, reason: string): Promise<boolean> {
      const asSeen = {
        TableName,
        ConditionExpression: `attribute_exists(pk) AND ${seen.at === null ? 'attribute_not_exists(#at)' : '#at = :at'}`,
        ExpressionAttributeNames: { '#at': 'at' },
        ...(seen.at !== null && { ExpressionAttributeValues: { ':at': { S: seen.at } } }),
      };
      await inCopies((Key) => client.send(new DeleteItemCommand({ Key, ...asSeen })));
      const remove = { Delete: { Key: keyOf(KILL_SWITCH), ...asSeen } };
      return changed(remove, { at: new Date(now()).toISOString(), action: 'resume', by, reason });
    },

    async all(): Promise<Stops> {
      const hour = hourOf(now());
      const [stopped, circuits, caps, executions, audit] = await Promise.all([
        this.stopped(),
        query(CIRCUITS),
        query(CAPS, { begins: `${hour}#` }),
        get(executionsIn(hour)),
        query(AUDIT, { newest: 50 }),
      ]);
      return {
        stopped,
        circuits: circuits.flatMap((item) => circuitLine(item, now())),
        caps: caps.map(capLine),
        executions: {
          thisHour: Number(executions?.started?.N ?? 0),
          cap: executions ? Number(executions.cap?.N) : null,
        },
        audit: audit.map((item) => ({
          at: item.at!.S!,
          action: item.action!.S as AuditLine['action'],
          by: item.by!.S!,
          reason: item.reason!.S!,
        })),
      };
    },
  };
}

const keyOf = ({ pk, sk }: LedgerKey): Item => ({ pk: { S: pk }, sk: { S: sk } });

function circuitLine(item: Item, now: number): CircuitLine[] {
  const number = (name: keyof Circuit) => (item[name]?.N === undefined ? undefined : Number(item[name].N));
  const circuit: Circuit = {
    openedAt: number('openedAt'),
    openUntil: number('openUntil'),
    tryBy: item.tryBy?.S,
    tryUntil: number('tryUntil'),
  };
  const standing = circuitState(circuit, now);
  if (standing.kind === 'closed') return [];
  return [
    {
      remediation: item.sk!.S!,
      state: standing.kind,
      openedAt: new Date(circuit.openedAt ?? 0).toISOString(),
      until: new Date('until' in standing ? standing.until : circuit.openUntil!).toISOString(),
      failures: Number(item.failures?.N ?? 0),
    },
  ];
}

function capLine({ sk, cap }: Item): CapLine {
  const [, remediation, account] = sk!.S!.split('#');
  return { remediation: remediation!, account: account === '*' ? null : account!, cap: Number(cap!.N) };
}

/** @throws Failure where there is no ledger, and everything else as it is */
export async function inLedger<T>(client: DynamoDBClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    throw new Failure(
      `There is no table ${LEDGER_TABLE} in ${await client.config.region()}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  }
}
