/** Messages that wait for a call, in groups of the same update: one call serves up to a hundred findings. Pure. */
import { type FindingUpdate, type InboxMessage, updateOf } from './message.ts';

/** Findings that BatchUpdateFindings takes in one call. */
export const MOST_FINDINGS = 100;
/** Milliseconds after which a group that is not full is due, where findings keep coming. */
export const LONGEST_WAIT = 15_000;

/** A finding, with every message that asks for the same update of it. */
export type Updated = {
  readonly id: string;
  readonly productArn: string;
  readonly messages: readonly InboxMessage[];
  /** Milliseconds since 1970 at which it came. */
  readonly since: number;
  /** Calls that it came back from. */
  readonly returned: number;
};
/** What one call is made for. Without an update there is nothing to call for, only to record. */
export type UpdateCall = { readonly update: FindingUpdate | undefined; readonly findings: readonly Updated[] };

type Group = { readonly update: FindingUpdate | undefined; readonly findings: Map<string, Updated> };

export class Pending {
  readonly #groups = new Map<string, Group>();

  #messages = 0;

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }
  /** Messages of all groups. */
  get messages(): number {
    return this.#messages;
  }

  add(messages: readonly InboxMessage[], now: number): void {
    this.#messages += messages.length;
    for (const message of messages) {
      const { id, productArn } = message.body.job.finding;
      const group = this.#groupOf(updateOf(message.body));
      const known = group.findings.get(nameOf({ id, productArn }));
      const finding = known ?? { id, productArn, messages: [], since: now, returned: 0 };
      group.findings.set(nameOf(finding), { ...finding, messages: [...finding.messages, message] });
    }
  }

  /** What came back joins the next call of its group, which costs no call of its own. */
  giveBack(update: FindingUpdate | undefined, findings: readonly Updated[]): void {
    for (const finding of findings) {
      const group = this.#groupOf(update);
      const meanwhile = group.findings.get(nameOf(finding))?.messages ?? [];
      const messages = [...finding.messages, ...meanwhile];
      this.#messages += finding.messages.length;
      group.findings.set(nameOf(finding), { ...finding, messages, returned: finding.returned + 1 });
    }
  }

  /** The call that has been due for longest: of a full group, of one that waits for too long, or of any if `all` are due. */
  take(now: number, all: boolean): UpdateCall | undefined {
    const isDue = (group: Group) =>
      all || group.findings.size >= MOST_FINDINGS || now - oldestIn(group) >= LONGEST_WAIT;
    let next: string | undefined;
    let longest = Number.POSITIVE_INFINITY;
    for (const [name, group] of this.#groups)
      if (isDue(group) && oldestIn(group) < longest) {
        next = name;
        longest = oldestIn(group);
      }
    if (next === undefined) return undefined;
    const { update, findings } = this.#groups.get(next)!;
    const taken = [...findings.values()].slice(0, MOST_FINDINGS);
    for (const finding of taken) {
      findings.delete(nameOf(finding));
      this.#messages -= finding.messages.length;
    }
    if (findings.size === 0) this.#groups.delete(next);
    return { update, findings: taken };
  }

  #groupOf(update: FindingUpdate | undefined): Group {
    const name = JSON.stringify(update ?? null);
    const group = this.#groups.get(name) ?? { update, findings: new Map() };
    this.#groups.set(name, group);
    return group;
  }
}

const nameOf = ({ productArn, id }: Pick<Updated, 'productArn' | 'id'>) => `${productArn} ${id}`;
/** A group is never empty; what came back stands behind what came first. */
const oldestIn = ({ findings }: Group): number => findings.values().next().value!.since;
