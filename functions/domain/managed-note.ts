/** The words about a resource that code manages, for plans, notes and messages. Pure. */
import type { DeclaredChange } from '../contract/remediation.ts';
import type { Management } from './managed.ts';

/** Returns the manager with the change in its own language, where the remediation says it. */
export function withChange(management: Management, declared: DeclaredChange | undefined): Management {
  const change = management.manager === 'terraform' ? declared?.terraform : declared?.cloudFormation;
  return change === undefined || management.manager === 'other' ? management : { ...management, change };
}

/** Returns a warning that the change makes the resource drift, and what its owner writes there. */
export function managedNote(management: Management | undefined, declared?: DeclaredChange): string {
  if (!management) return '';
  const { name, change } = management;
  if (hasNoWord(management, declared)) return `; managed by ${name}, which has no ${wordOf(management)} for this`;
  const there = change ? `set ${change}` : 'change it';
  return `; managed by ${name}, from which this drifts: ${there} there too, or its next deployment undoes this`;
}

/** Returns why the owner is told instead: who manages the resource, and what to change there. */
export function leftToOwner(management: Management, declared: DeclaredChange | undefined, summary: string): string {
  const { name, change } = management;
  if (hasNoWord(management, declared))
    return `managed by ${name}, which has no ${wordOf(management)} for this; its owner changes it: ${summary}`;
  return `managed by ${name}; its owner changes it there: ${change ? `set ${change}` : summary}`;
}

/** The remediation says that the language has no word for the change, so that a deployment neither sets nor undoes it. */
const hasNoWord = ({ manager, change }: Management, declared: DeclaredChange | undefined): boolean =>
  declared !== undefined && manager !== 'other' && change === undefined;

const wordOf = ({ manager }: Management): string => (manager === 'terraform' ? 'argument' : 'property');
