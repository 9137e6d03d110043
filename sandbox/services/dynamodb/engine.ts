/**
 * dynalite in process: its validations and actions are called directly, without its HTTP server.
 * Each account and Region has a store of its own, so that table names need no translation.
 */
import { createRequire } from 'node:module';
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';

const require = createRequire(import.meta.url);
const database = require('dynalite/db');
const validations = require('dynalite/validations');

/** dynalite's LevelDB store, opaque outside this file. */
type Store = any;
type DynaliteError = { statusCode?: number; body?: { __type: string; message?: string; Message?: string } };

export type Engine = { readonly store: Store; turn: Promise<unknown> };

/** An operation that passed dynalite's validation. */
export type Prepared = { readonly action: string; readonly data: any };

const engines = new WeakMap<Kernel, Map<string, Engine>>();

export function engineOf(kernel: Kernel, place: AwsPlace): Engine {
  const places = engines.get(kernel) ?? new Map<string, Engine>();
  engines.set(kernel, places);
  const key = `${place.account}/${place.region}`;
  const engine = places.get(key) ?? { store: openStore(), turn: Promise.resolve() };
  places.set(key, engine);
  return engine;
}

/** One piece of work after the other: no read sees half a transaction. The clock stands still meanwhile. */
export function inTurn<T>(kernel: Kernel, engine: Engine, work: () => Promise<T>): Promise<T> {
  const result = kernel.clock.during(() => engine.turn.then(work));
  engine.turn = result.catch(() => {});
  return result;
}

/** Runs an operation of DynamoDB's API, given and answered with the SDK's types. Hold the turn. */
export async function run(engine: Engine, operation: string, input: object): Promise<any> {
  return perform(engine, prepare(engine, operation, input));
}

/** @throws ValidationException or SerializationException for what the request alone shows to be wrong */
export function prepare(engine: Engine, operation: string, input: object): Prepared {
  const action = validations.toLowerFirst(operation);
  const { types, custom } = require(`dynalite/validations/${action}`);
  return translatingErrors(() => {
    const data = validations.checkTypes(toWire(input), types);
    validations.checkValidations(data, types, custom, engine.store);
    return { action, data };
  });
}

export async function perform(engine: Engine, { action, data }: Prepared): Promise<any> {
  const act = require(`dynalite/actions/${action}`);
  return new Promise((resolve, reject) => {
    act(engine.store, data, (error: DynaliteError | null, output: any) =>
      error ? reject(asAwsError(error)) : resolve(fromWire(output)),
    );
  });
}

/** Throws ConditionalCheckFailedException unless the item meets the condition: what dynalite lacks for ConditionCheck. */
export async function checkCondition(engine: Engine, { data }: Prepared): Promise<void> {
  const { store } = engine;
  const table = await called<object>((done) => store.getTable(data.TableName, done));
  const wrongKey = database.validateKey(data.Key, table);
  if (wrongKey) throw asAwsError(wrongKey);
  const key = database.createKey(data.Key, table);
  const item = await called<object>((done) => store.getItemDb(data.TableName).get(key, done));
  const refused = database.checkConditional(data, item);
  if (refused) throw asAwsError(refused);
}

/** A table whose creation or deletion was asked for changes its state a moment later. */
export async function tableReaches(engine: Engine, name: string, status: 'ACTIVE' | 'GONE'): Promise<void> {
  for (;;) {
    const table = await called<{ TableStatus: string }>((done) => engine.store.tableDb.get(name, done));
    if ((table?.TableStatus ?? 'GONE') === status) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function openStore(): Store {
  return database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
}

function called<T>(call: (done: (error: DynaliteError | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error?.body ? reject(asAwsError(error)) : resolve(value)));
  });
}

function translatingErrors<T>(work: () => T): T {
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

/** Binary values as base64, as in the wire's JSON. */
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
  if ('B' in attribute) return { B: bytes(attribute.B) };
  if ('BS' in attribute) return { BS: attribute.BS.map(bytes) };
  if ('L' in attribute) return { L: attribute.L.map(attributeFromWire) };
  if ('M' in attribute) return { M: itemFromWire(attribute.M) };
  return { ...attribute };
}

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

const mapValues = (object: Record<string, any>, change: (value: any) => any): Record<string, any> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
