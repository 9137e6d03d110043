type Execution = { readonly started: string };

/**
 * Returns the time since which AppConfig must have confirmed the policy of an execution: its start, if a person started
 * it after a look at the policy. Every other execution tolerates a copy of the last minute. Whoever forges the person
 * causes a read and nothing else.
 */
export function policySince({ askedBy }: { readonly askedBy?: string }, { started }: Execution): number | undefined {
  if (askedBy === undefined) return undefined;
  const since = Date.parse(started);
  return Number.isNaN(since) ? undefined : since;
}
