import { colour } from './terminal.ts';

const CONTEXT = 3;

/** Returns the lines that differ between two texts, from the first to the last, with the lines around them. */
export function lineDifference(before: string, after: string): string[] {
  const [old, now] = [before.trimEnd().split('\n'), after.trimEnd().split('\n')];
  const shorter = Math.min(old.length, now.length);
  let first = 0;
  while (first < shorter && old[first] === now[first]) first++;
  let rest = 0;
  while (rest < shorter - first && old.at(-1 - rest) === now.at(-1 - rest)) rest++;
  return [
    ...now.slice(Math.max(0, first - CONTEXT), first).map((line) => `  ${line}`),
    ...old.slice(first, old.length - rest).map((line) => colour('red', `- ${line}`)),
    ...now.slice(first, now.length - rest).map((line) => colour('green', `+ ${line}`)),
    ...now.slice(now.length - rest, now.length - rest + CONTEXT).map((line) => `  ${line}`),
  ];
}
