/** One thing that needs a person, with the commands that deal with it. */

export type ActionName = 'replay' | 'undo' | 'exempt' | 'approve' | 'deny' | 'redrive';

/** An option for which `suture triage` asks. */
export type AskedOption = 'reason' | 'until' | 'owner';

export type AttentionAction = {
  /** A letter. */
  readonly key: string;
  readonly name: ActionName;
  /** The command line after `suture`. */
  readonly command: string;
  readonly asks: readonly AskedOption[];
};

export type AttentionItem = {
  readonly kind: 'failure' | 'approval' | 'rollback' | 'deadLetters';
  /** A finding, an approval or a queue. */
  readonly id: string;
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
  /** The states of a change, which a page shows as their difference. */
  readonly change?: { readonly before: unknown; readonly after: unknown };
  /** Lines that say why, the likeliest first. */
  readonly causes: readonly string[];
  readonly actions: readonly AttentionAction[];
};

const REASON = '--reason "…"';

const action = (key: string, name: ActionName, command: string, ...asks: AskedOption[]) => ({
  ...{ key, name, command, asks },
});

export const replayAction = (word: string) => action('r', 'replay', `replay ${word} ${REASON}`, 'reason');
export const undoAction = (word: string) => action('u', 'undo', `rollback ${word} ${REASON}`, 'reason');
export const exemptAction = (word: string) =>
  action('e', 'exempt', `exempt ${word} --until 90d --owner "…" ${REASON}`, 'until', 'owner', 'reason');
export const approveAction = (id: string) => action('a', 'approve', `approve ${id}`);
export const denyAction = (id: string) => action('d', 'deny', `deny ${id} ${REASON}`, 'reason');
export const redriveAction = (queue: string) => action('r', 'redrive', `dlq redrive ${queue} ${REASON}`, 'reason');
