import { diffLines } from '../output/diff-text.ts';
import { factLines, linesOfFact } from '../output/fact-lines.ts';
import { SUTURE } from '../output/suture-command.ts';
import { colour } from '../output/terminal.ts';
import type { AttentionItem } from './attention-item.ts';

/** Returns the item without its commands, for which `suture triage` offers keys. */
export function attentionPage({ title, facts, change, causes }: AttentionItem, width?: number): string {
  const nameWidth = Math.max(...Object.keys(facts).map((name) => name.length));
  return [
    colour('bold', title),
    ...Object.entries(facts).flatMap(([name, value]) => factLines(name, value, nameWidth, width)),
    ...(change ? linesOfFact('difference', diffLines(change.before, change.after), nameWidth) : []),
    ...causes.flatMap((cause, n) => factLines(n === 0 ? 'why' : '', cause, nameWidth, width)),
  ].join('\n');
}

/** Returns the command lines that a person may type. */
export const attentionCommands = ({ kind, id, actions }: AttentionItem): string[] => [
  ...actions.map(({ command }) => `${SUTURE} ${command}`),
  ...(kind === 'failure' || kind === 'rollback' ? [`${SUTURE} show ${id}`] : []),
];

export const keysText = ({ actions }: AttentionItem): string =>
  [
    ...actions.map(({ key, name }): readonly [string, string] => [key, name]),
    ['s', 'skip'] as const,
    ['q', 'quit'] as const,
  ]
    .map(([key, name]) => (name.startsWith(key) ? `[${key}]${name.slice(1)}` : `[${key}] ${name}`))
    .join('  ');
