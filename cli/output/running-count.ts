export type RunningCount = {
  show(line: string): void;
  /** Shows the last count, unless no earlier one is on the screen, or the same. */
  end(line: string): void;
};

/** Keeps the last progress line true: without `end`, it would have an old count for ever. */
export function runningCount(progress: (line: string) => void): RunningCount {
  let shown: string | undefined;
  return {
    show(line) {
      shown = line;
      progress(line);
    },
    end(line) {
      if (shown !== undefined && shown !== line) progress(line);
    },
  };
}
