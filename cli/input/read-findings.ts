import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';
import { type EventOrFinding, parseAsffFindings } from './parse-findings.ts';

/**
 * @param file a path, or `-` for standard input
 * @throws UsageError if the file cannot be read, or holds anything but findings in ASFF
 */
export async function entriesIn(file: string): Promise<EventOrFinding[]> {
  if (file === '-') return parseAsffFindings(textOf(await buffer(process.stdin)), 'standard input');
  const content = await readFile(fromCaller(file)).catch((error) => {
    throw cannotRead(file, error);
  });
  return parseAsffFindings(textOf(content), basename(file));
}

/** Reads UTF-16 too, which PowerShell's `>` writes. */
const textOf = (content: Buffer): string =>
  content[0] === 0xff && content[1] === 0xfe ? content.toString('utf16le') : content.toString('utf8');

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
