/** Reads and changes some attributes of one resource, by the steps of its type. */
import * as z from 'zod';
import { errorClause, isNamed, retryAdvice, SutureError } from '../../contract/errors.ts';
import { type DeclaredChange, isRefusal, type Permission, type Refusal } from '../../contract/remediation.ts';
import { declaredChange } from './owner-language.ts';
import type { AttributeValues, ResourceDeclaration } from './resource-type.ts';

export class ResourceAccess<D extends object> {
  readonly #type: ResourceDeclaration<any, any, any, D>;
  readonly #names: readonly string[];
  /** The last read of each context, because the steps after read need no newer state. */
  readonly #latest = new WeakMap<object, D>();

  constructor(type: ResourceDeclaration<any, any, any, D>, names: readonly string[]) {
    this.#type = type;
    this.#names = names;
  }

  async find(context: object): Promise<D | undefined> {
    const found = await this.#type.find(context as never, this.#names);
    if (found) this.#latest.set(context, found);
    return found;
  }

  /** Returns the resource as the last read of this context found it. */
  async latest(context: object): Promise<D | undefined> {
    return this.#latest.get(context) ?? this.find(context);
  }

  valuesOf(found: D): AttributeValues {
    return valuesBy(this.#names, (name) => found[name as keyof D] ?? this.#type.attributes[name]!.default);
  }

  /**
   * Returns why the resource cannot be changed, or undefined if it can.
   * @throws SutureError ResourceBusy if it can be changed later
   */
  obstacle(found: D, from: AttributeValues, to: AttributeValues): string | undefined {
    const values = this.#changes(from, to).to;
    const obstacle = this.#type.obstacle?.(found, values);
    if (obstacle !== undefined) return obstacle;
    const busy = this.#type.busy?.(found);
    if (busy !== undefined)
      throw new SutureError(
        'ResourceBusy',
        `The resource takes no change now: ${busy}. ${retryAdvice('ResourceBusy')}`,
      );
    const pending = this.#type.pending?.(found, values);
    return (
      pending && `the change would also apply what is pending for its maintenance window: ${JSON.stringify(pending)}`
    );
  }

  /**
   * Returns a refusal of the type's own, such as a bucket that takes no log files.
   * @throws SutureError ResourceBusy if AWS takes no change at the moment
   */
  async change(context: object, from: AttributeValues, to: AttributeValues): Promise<Refusal | undefined> {
    const changes = this.#changes(from, to);
    if (Object.keys(changes.to).length === 0) return undefined;
    try {
      const answer = await this.#type.change(context as never, changes.to, changes.from);
      return isRefusal(answer) ? answer : undefined;
    } catch (error) {
      if (!isNamed(error, ...(this.#type.busyErrors ?? []))) throw error;
      throw new SutureError(
        'ResourceBusy',
        `AWS takes no change now: ${errorClause(error)}. ${retryAdvice('ResourceBusy')}`,
        {
          cause: error,
        },
      );
    }
  }

  /** Returns those of the wanted values that differ. */
  changedValues(from: AttributeValues, to: AttributeValues): AttributeValues {
    const names = this.#names.filter((name) => from[name] !== to[name]);
    return valuesBy(names, (name) => to[name]!);
  }

  declared(values: AttributeValues): DeclaredChange {
    return declaredChange(this.#type, values);
  }

  #changes(from: AttributeValues, to: AttributeValues) {
    return { from: this.changedValues(to, from), to: this.changedValues(from, to) };
  }

  async tags(context: object) {
    const found = await this.latest(context);
    return found ? this.#type.tags!(found, context as never) : {};
  }

  get state(): z.ZodType<AttributeValues> {
    return z.strictObject(valuesBy(this.#names, (name) => this.#type.attributes[name]!.type));
  }

  /** The permissions that these attributes need. */
  get permissions(): { readonly reads: readonly Permission[]; readonly writes: readonly Permission[] } {
    const { reads, writes, attributes } = this.#type;
    const own = this.#names.map((name) => attributes[name]!);
    const actions = [...new Set(own.flatMap((attribute) => attribute.actions ?? writes.actions))];
    return {
      reads: [...reads, ...own.flatMap((attribute) => attribute.reads ?? [])],
      writes: [{ ...writes, actions }, ...own.flatMap((attribute) => attribute.also ?? [])],
    };
  }
}

const valuesBy = <V>(names: readonly string[], value: (name: string) => V): Readonly<Record<string, V>> =>
  Object.fromEntries(names.map((name) => [name, value(name)]));
