import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';
import { type EventOrFinding, parseFindings } from './parse-findings.ts';

/**
 * @param file a path, or `-` for standard input
 * @throws UsageError if the file cannot be read, or holds something else
 */
export async function entriesIn(file: string): Promise<EventOrFinding[]> {
  if (file === '-') return parseFindings(await text(process.stdin), 'standard input');
  const content = await readFile(fromCaller(file), 'utf8').catch((error) => {
    throw cannotRead(file, error);
  });
  return parseFindings(content, basename(file));
}

export const findingsOf = (entry: EventOrFinding): readonly unknown[] =>
  entry.kind === 'event' ? entry.event.detail.findings : [entry.finding];

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; name its files',
  EACCES: 'you may not read it',
};

export function cannotRead(file: string, error: unknown): UsageError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new UsageError(`${file} cannot be read: ${REASONS[code] ?? message}.`);
}
