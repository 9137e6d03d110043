import type { Import } from '../structure/imports.ts';

/** Returns the strongly connected components of more than one file, by Tarjan's algorithm. */
export function importCircles(imports: readonly Import[]): string[][] {
  return new CircleSearch(imports).find();
}

class CircleSearch {
  readonly #importsByPath: ReadonlyMap<string, readonly Import[]>;
  /** The position of each file in the order of visits. */
  readonly #order = new Map<string, number>();
  /** The lowest position that is reachable from each file. */
  readonly #lowest = new Map<string, number>();
  readonly #stack: string[] = [];
  readonly #circles: string[][] = [];

  constructor(imports: readonly Import[]) {
    this.#importsByPath = Map.groupBy(
      imports.filter(({ isFile }) => isFile),
      ({ path }) => path,
    );
  }

  find(): string[][] {
    for (const path of this.#importsByPath.keys()) if (!this.#order.has(path)) this.#visit(path);
    return this.#circles;
  }

  #visit(path: string): void {
    const order = this.#order.size;
    this.#order.set(path, order);
    this.#lowest.set(path, order);
    this.#stack.push(path);
    for (const { target } of this.#importsByPath.get(path) ?? []) {
      if (!this.#order.has(target)) this.#visit(target);
      if (this.#stack.includes(target)) this.#lower(path, this.#lowest.get(target)!);
    }
    if (this.#lowest.get(path) !== order) return;
    const component = this.#stack.splice(this.#stack.indexOf(path));
    if (component.length > 1) this.#circles.push(component.sort());
  }

  #lower(path: string, order: number): void {
    this.#lowest.set(path, Math.min(this.#lowest.get(path)!, order));
  }
}
