/** Ends of runs, from which other runs go on. */
import { canonical } from '../../functions/contract/is-equal.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import { realDifferences } from './expectations.ts';
import type { RunEnd } from './scenario-run.ts';
import type { LocatedRecord } from './target-records.ts';
import { worldDifferences } from './world.ts';

/** Ends of runs. From equal ends, a run goes on in the same way. */
export class DistinctEnds {
  readonly #sandbox: Sandbox;
  readonly #records: readonly LocatedRecord[];
  readonly #ends: RunEnd[] = [];

  constructor(sandbox: Sandbox, records: readonly LocatedRecord[]) {
    this.#sandbox = sandbox;
    this.#records = records;
  }

  /** Adds an end, and returns whether it differs from all others in more than times and what AWS generates. */
  add(end: RunEnd): boolean {
    if (this.#ends.some((known) => this.#isSame(known, end))) return false;
    this.#ends.push(end);
    return true;
  }

  #isSame(a: RunEnd, b: RunEnd): boolean {
    if (journalText(a) !== journalText(b)) return false;
    return realDifferences(worldDifferences(this.#sandbox, a.world, b.world), this.#records).length === 0;
  }
}

const journalText = ({ journal }: RunEnd): string =>
  canonical(journal.map(({ at: _, writtenAt, ...entry }, n) => ({ ...entry, n, isWritten: writtenAt !== undefined })));
