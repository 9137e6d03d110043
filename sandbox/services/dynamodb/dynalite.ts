/**
 * Calls dynalite's validations and actions directly, without its HTTP server. Each account and Region has its own
 * store, so that table names need no translation.
 */
import { createRequire } from 'node:module';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';

const require = createRequire(import.meta.url);
const database = require('dynalite/db');
const validations = require('dynalite/validations');

type Store = any;
type DynaliteError = { statusCode?: number; body?: { __type: string; message?: string; Message?: string } };

export type DynaliteEngine = { readonly store: Store; turn: Promise<unknown> };

export type PreparedOperation = { readonly action: string; readonly data: any };

const ENGINES = new WeakMap<Kernel, Map<string, DynaliteEngine>>();

export function engineOf(kernel: Kernel, place: AwsPlace): DynaliteEngine {
  const places = ENGINES.get(kernel) ?? new Map<string, DynaliteEngine>();
  ENGINES.set(kernel, places);
  const key = `${place.account}/${place.region}`;
  const engine = places.get(key) ?? { store: createStore(), turn: Promise.resolve() };
  places.set(key, engine);
  return engine;
}

/**
 * Runs `work` after all earlier work on the store, so that no read sees half a transaction. A virtual clock stops
 * meanwhile.
 */
export function runInTurn<T>(kernel: Kernel, engine: DynaliteEngine, work: () => Promise<T>): Promise<T> {
  const result = kernel.clock.during(() => engine.turn.then(work));
  engine.turn = result.catch(() => {});
  return result;
}

/** Runs an operation with the SDK's types. Call it inside `runInTurn`. */
export async function runOperation(engine: DynaliteEngine, operation: string, input: object): Promise<any> {
  return runPrepared(engine, prepareOperation(engine, operation, input));
}

export function prepareOperation(engine: DynaliteEngine, operation: string, input: object): PreparedOperation {
  const action = validations.toLowerFirst(operation);
  const { types, custom } = require(`dynalite/validations/${action}`);
  return translateErrors(() => {
    const data = validations.checkTypes(toWire(input), types);
    validations.checkValidations(data, types, custom, engine.store);
    return { action, data };
  });
}

/** Runs a prepared operation. Call it inside `runInTurn`. */
export async function runPrepared(engine: DynaliteEngine, { action, data }: PreparedOperation): Promise<any> {
  const act = require(`dynalite/actions/${action}`);
  return new Promise((resolve, reject) => {
    act(engine.store, data, (error: DynaliteError | null, output: any) =>
      error ? reject(asAwsError(error)) : resolve(fromWire(output)),
    );
  });
}

/**
 * Checks the condition of a ConditionCheck, which dynalite lacks.
 * @throws AwsError ConditionalCheckFailedException
 */
export async function checkCondition(engine: DynaliteEngine, { data }: PreparedOperation): Promise<void> {
  const { store } = engine;
  const table = await promised<object>((done) => store.getTable(data.TableName, done));
  const keyError = database.validateKey(data.Key, table);
  if (keyError) throw asAwsError(keyError);
  const key = database.createKey(data.Key, table);
  const item = await promised<object>((done) => store.getItemDb(data.TableName).get(key, done));
  const conditionError = database.checkConditional(data, item);
  if (conditionError) throw asAwsError(conditionError);
}

/** Dynalite creates and deletes tables asynchronously. */
export async function waitForTable(engine: DynaliteEngine, name: string, status: 'ACTIVE' | 'GONE'): Promise<void> {
  for (;;) {
    if ((await storedStatus(engine, name)) === status) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type StoredIndex = { readonly IndexName: string | undefined };
type StoredTable = { AttributeDefinitions: unknown; GlobalSecondaryIndexes?: StoredIndex[] };

/** Adds an index to a table, and its items to the index: Dynalite does neither. Call it inside `runInTurn`. */
export async function addIndex(
  engine: DynaliteEngine,
  TableName: string,
  index: StoredIndex,
  definitions: readonly unknown[],
): Promise<void> {
  await changeStored(engine.store, TableName, (stored) => {
    stored.AttributeDefinitions = definitions;
    stored.GlobalSecondaryIndexes = [...(stored.GlobalSecondaryIndexes ?? []), { ...index }];
  });
  let ExclusiveStartKey: object | undefined;
  do {
    const page = await runOperation(engine, 'Scan', { TableName, ExclusiveStartKey });
    // Dynalite writes an item to all indexes.
    for (const Item of page.Items) await runOperation(engine, 'PutItem', { TableName, Item });
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Removes an index from a table. Call it inside `runInTurn`. */
export async function removeIndex(
  { store }: DynaliteEngine,
  tableName: string,
  indexName: string,
  definitions: readonly unknown[],
): Promise<void> {
  await changeStored(store, tableName, (stored) => {
    stored.AttributeDefinitions = definitions;
    const left = (stored.GlobalSecondaryIndexes ?? []).filter(({ IndexName }) => IndexName !== indexName);
    if (left.length > 0) stored.GlobalSecondaryIndexes = left;
    else delete stored.GlobalSecondaryIndexes;
  });
  await promised((done) => store.deleteIndexDb('Global', tableName, indexName, done));
}

async function changeStored(store: Store, name: string, change: (table: StoredTable) => void): Promise<StoredTable> {
  const table = await promised<StoredTable>((done) => store.tableDb.get(name, done));
  change(table);
  await promised((done) => store.tableDb.put(name, table, done));
  return table;
}

export async function storedStatus(engine: DynaliteEngine, name: string): Promise<string> {
  const table = await promised<{ TableStatus: string }>((done) => engine.store.tableDb.get(name, done));
  return table?.TableStatus ?? 'GONE';
}

function createStore(): Store {
  return database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
}

function promised<T>(call: (done: (error: DynaliteError | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error?.body ? reject(asAwsError(error)) : resolve(value)));
  });
}

function translateErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asAwsError(error as DynaliteError);
  }
}

function asAwsError(error: DynaliteError): unknown {
  if (!error.body) return error;
  const { __type, message, Message } = error.body;
  return new AwsError(__type.split('#').at(-1)!, message ?? Message ?? '', error.statusCode);
}

/** Converts binary values to base64, as in the wire's JSON. */
export function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, toWire(member)]));
}

function fromWire(output: any): any {
  const { Item, Attributes, LastEvaluatedKey, Items, Responses, UnprocessedKeys, ...rest } = output;
  return {
    ...rest,
    ...(Item && { Item: itemFromWire(Item) }),
    ...(Attributes && { Attributes: itemFromWire(Attributes) }),
    ...(LastEvaluatedKey && { LastEvaluatedKey: itemFromWire(LastEvaluatedKey) }),
    ...(Items && { Items: Items.map(itemFromWire) }),
    ...(Responses && { Responses: mapValues(Responses, (items) => items.map(itemFromWire)) }),
    ...(UnprocessedKeys && {
      UnprocessedKeys: mapValues(UnprocessedKeys, (table) => ({ ...table, Keys: table.Keys.map(itemFromWire) })),
    }),
  };
}

const itemFromWire = (item: any): any => mapValues(item, attributeFromWire);

function attributeFromWire(attribute: any): any {
  if ('B' in attribute) return { B: decodeBytes(attribute.B) };
  if ('BS' in attribute) return { BS: attribute.BS.map(decodeBytes) };
  if ('L' in attribute) return { L: attribute.L.map(attributeFromWire) };
  if ('M' in attribute) return { M: itemFromWire(attribute.M) };
  return { ...attribute };
}

const decodeBytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

const mapValues = (object: Record<string, any>, change: (value: any) => any): Record<string, any> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
