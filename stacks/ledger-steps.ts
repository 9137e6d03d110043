/**
 * Deploys the ledger in as many steps as its new indexes need: CloudFormation creates one index of a table at a time, and
 * does not wait until DynamoDB has filled it.
 */
import { INDEXES } from '../functions/domain/ledger.ts';

export type LedgerIndex = { readonly name: string; readonly isActive: boolean };

export type LedgerDeps = {
  /** The indexes of the table, in any order. */
  readonly indexes: () => Promise<readonly LedgerIndex[]>;
  /** Deploys the stack with its first indexes, undefined for all. */
  readonly deploy: (indexes: number | undefined) => Promise<void>;
  /** Waits before it looks at the indexes again. */
  readonly pause: (filling: readonly string[]) => Promise<void>;
};

/** Deploys the ledger. Returns when every index can be read. */
export async function deployLedgerInSteps(deps: LedgerDeps): Promise<void> {
  const wanted = Object.values(INDEXES).map(({ name }) => name as string);
  for (;;) {
    const present = new Set(await activeIndexes(deps));
    const missing = wanted.filter((name) => !present.has(name));
    if (missing.length < 2) break;
    await deps.deploy(wanted.indexOf(missing[0]!) + 1);
  }
  await deps.deploy(undefined);
  await activeIndexes(deps);
}

/** Waits until no index is being filled, and returns the names of all. */
async function activeIndexes({ indexes, pause }: LedgerDeps): Promise<string[]> {
  for (;;) {
    const present = await indexes();
    const filling = present.filter(({ isActive }) => !isActive).map(({ name }) => name);
    if (filling.length === 0) return present.map(({ name }) => name);
    await pause(filling);
  }
}
