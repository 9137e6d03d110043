export type Clock = {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
};
