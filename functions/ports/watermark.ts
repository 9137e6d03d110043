/** The time up to which a scheduled function has done its work. */
export type Watermark = {
  /** Returns 0 before the first run. */
  read(): Promise<number>;
  write(at: number): Promise<void>;
};
