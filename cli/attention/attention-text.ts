import { colour } from '../output/terminal.ts';
import type { AttentionItem } from './attention-item.ts';

const PREFIX = 'npm run -s suture --';

/** Without commands: `suture triage` asks for a key instead. */
export function attentionPage({ title, facts, causes }: AttentionItem): string {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  return [
    colour('bold', title),
    ...Object.entries(facts).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...causes.map((cause, n) => `  ${(n === 0 ? 'why' : '').padEnd(width)}  ${cause}`),
  ].join('\n');
}

/** Returns the command lines that a person may type. */
export const attentionCommands = ({ kind, id, actions }: AttentionItem): string[] => [
  ...actions.map(({ command }) => `${PREFIX} ${command}`),
  ...(kind === 'failure' || kind === 'rollback' ? [`${PREFIX} show ${id}`] : []),
];

export const keysText = ({ actions }: AttentionItem): string =>
  [...actions.map(({ key, name }) => [key, name] as const), ['s', 'skip'] as const, ['q', 'quit'] as const]
    .map(([key, name]) => (name.startsWith(key) ? `[${key}]${name.slice(1)}` : `[${key}] ${name}`))
    .join('  ');
