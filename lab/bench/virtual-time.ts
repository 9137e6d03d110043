/** A virtual clock for models in this thread: it jumps to the next moment at which a sleep ends. */
export type VirtualTime = {
  now(): number;
  sleep(ms: number): Promise<void>;
  run<T>(work: () => Promise<T>): Promise<T>;
};

type Moment = { readonly at: number; readonly wake: (() => void)[] };

export function virtualTime(): VirtualTime {
  const moments = new Map<number, Moment>();
  const heap: Moment[] = [];
  let time = 0;

  return {
    now: () => time,
    sleep: (ms) =>
      new Promise((resolve) => {
        const at = time + Math.max(0, ms);
        const known = moments.get(at);
        if (known) return void known.wake.push(resolve);
        const moment = { at, wake: [resolve] };
        moments.set(at, moment);
        addMoment(heap, moment);
      }),
    async run(work) {
      let isOver = false;
      const result = work().finally(() => {
        isOver = true;
      });
      while (true) {
        // By the next turn of the event loop, everything that needs no time has run.
        await new Promise<void>((resolve) => setImmediate(resolve));
        const next = isOver ? undefined : takeFirst(heap);
        if (!next) break;
        moments.delete(next.at);
        time = next.at;
        for (const wake of next.wake) wake();
      }
      return result;
    },
  };
}

/** The first element of this binary heap is the earliest. */
function addMoment(heap: Moment[], moment: Moment): void {
  let at = heap.push(moment) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.at <= moment.at) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = moment;
}

function takeFirst(heap: Moment[]): Moment | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === last || !last) return first;
  let at = 0;
  while (true) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const child = left + 1 < heap.length && heap[left + 1]!.at < heap[left]!.at ? left + 1 : left;
    if (heap[child]!.at >= last.at) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
