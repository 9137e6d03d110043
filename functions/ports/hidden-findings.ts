/** Counts by account of failing findings that somebody else has set aside. */
export type HiddenCounts = Readonly<Record<string, number>>;

export type HiddenFindings = {
  put(day: string, counts: HiddenCounts): Promise<void>;
  /** @param day such as `2026-11-22`, in UTC */
  get(day: string): Promise<HiddenCounts | undefined>;
};
