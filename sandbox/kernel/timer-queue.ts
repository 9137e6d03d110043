/** The timers of a virtual clock, sorted by due time. */

export type QueuedTimer = {
  readonly at: number;
  /** Among timers of the same moment, the lowest fires first. */
  readonly order: number;
  readonly daemon: boolean;
  readonly fire: () => void;
};

export class TimerQueue {
  readonly #timers: QueuedTimer[] = [];
  #pending = 0;

  get pending(): number {
    return this.#pending;
  }

  add(timer: QueuedTimer): void {
    this.#timers.splice(this.#positionOf(timer), 0, timer);
    if (!timer.daemon) this.#pending += 1;
  }

  remove(timer: QueuedTimer): boolean {
    const position = this.#positionOf(timer);
    if (this.#timers[position] !== timer) return false;
    this.#timers.splice(position, 1);
    if (!timer.daemon) this.#pending -= 1;
    return true;
  }

  first(): QueuedTimer | undefined {
    return this.#timers[0];
  }

  clear(): void {
    this.#timers.length = 0;
    this.#pending = 0;
  }

  #positionOf(timer: QueuedTimer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle]!;
      if (other.at < timer.at || (other.at === timer.at && other.order < timer.order)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
