/** Messages that wait for a call, in groups of the same update: one call serves up to a hundred findings. Pure. */
import { type FindingUpdate, type InboxMessage, MAX_FINDINGS, updateOf } from '../domain/finding-update.ts';

/** At this age a partial group is due, even while findings keep arriving. */
export const MAX_WAIT_MS = 15_000;

/** All its messages request the same update. */
export type PendingFinding = {
  readonly id: string;
  readonly productArn: string;
  readonly messages: readonly InboxMessage[];
  readonly since: number;
  readonly returned: number;
};
/** Without an update there is nothing to call, only to record. */
export type UpdateCall = { readonly update: FindingUpdate | undefined; readonly findings: readonly PendingFinding[] };

type Group = { readonly update: FindingUpdate | undefined; readonly findings: Map<string, PendingFinding> };

export class PendingUpdates {
  readonly #groups = new Map<string, Group>();

  #messages = 0;

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }
  get messages(): number {
    return this.#messages;
  }

  add(messages: readonly InboxMessage[], now: number): void {
    this.#messages += messages.length;
    for (const message of messages) {
      const { id, productArn } = message.body.job.finding;
      const group = this.#groupOf(updateOf(message.body));
      const known = group.findings.get(keyOf({ id, productArn }));
      const finding = known ?? { id, productArn, messages: [], since: now, returned: 0 };
      group.findings.set(keyOf(finding), { ...finding, messages: [...finding.messages, message] });
    }
  }

  /**
   * Returns findings that Security Hub did not update to their group: they join its next call instead of one of their
   * own.
   */
  returnFindings(update: FindingUpdate | undefined, findings: readonly PendingFinding[]): void {
    for (const finding of findings) {
      const group = this.#groupOf(update);
      const later = group.findings.get(keyOf(finding))?.messages ?? [];
      this.#messages += finding.messages.length;
      const messages = [...finding.messages, ...later];
      group.findings.set(keyOf(finding), { ...finding, messages, returned: finding.returned + 1 });
    }
  }

  /** Takes the call that has been due longest: of a full group or an old one, or of any group if `flush` is set. */
  take(now: number, { flush }: { readonly flush: boolean }): UpdateCall | undefined {
    const isDue = (group: Group) =>
      flush || group.findings.size >= MAX_FINDINGS || now - oldestIn(group) >= MAX_WAIT_MS;
    let next: string | undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [name, group] of this.#groups)
      if (isDue(group) && oldestIn(group) < oldest) {
        next = name;
        oldest = oldestIn(group);
      }
    return next === undefined ? undefined : this.#takeFrom(next);
  }

  #takeFrom(name: string): UpdateCall {
    const { update, findings } = this.#groups.get(name)!;
    const taken = [...findings.values()].slice(0, MAX_FINDINGS);
    for (const finding of taken) {
      findings.delete(keyOf(finding));
      this.#messages -= finding.messages.length;
    }
    if (findings.size === 0) this.#groups.delete(name);
    return { update, findings: taken };
  }

  #groupOf(update: FindingUpdate | undefined): Group {
    const name = JSON.stringify(update ?? null);
    const group = this.#groups.get(name) ?? { update, findings: new Map() };
    this.#groups.set(name, group);
    return group;
  }
}

const keyOf = ({ productArn, id }: Pick<PendingFinding, 'productArn' | 'id'>) => `${productArn} ${id}`;
/** A group is never empty. A returned finding stands behind the first one. */
const oldestIn = ({ findings }: Group): number => findings.values().next().value!.since;
