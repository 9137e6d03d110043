import type { ChainFile, ChainReport } from '../../../functions/domain/audit-chain.ts';
import { type CommandResult, defineCommand } from '../../command.ts';
import { UsageError } from '../../errors/usage-error.ts';
import { jsonOption } from '../../options/standard.ts';
import { countText } from '../../output/count-text.ts';

export type AuditVerifyOptions = { readonly json?: boolean; readonly head?: string; readonly now?: () => number };

export default defineCommand<AuditVerifyOptions, [directory: string]>({
  name: 'verify',
  summary: 'check the audit chain in a directory: what is missing, what is changed; makes no call to AWS',
  arguments: [{ name: '<directory>', text: 'a copy of the chain, made with aws s3 sync' }],
  options: [
    {
      flags: '--head <hash>',
      text: 'the hash of the newest link, noted elsewhere: only this shows that links at the end are missing',
    },
    jsonOption('one JSON object: links, lines, repeated, oldest, head, problems'),
  ],
  notes: 'The chain is in the bucket suture-audit-<security account>-<Region>, if the stack SutureAudit is deployed.',
  examples: ['suture audit verify ./chain'],
  exitCodes: { 0: 'nothing is missing or changed', 1: 'something is', 2: 'wrong usage, such as an empty directory' },
  run: (options, directory) => auditVerifyCommand(directory, options),
});

export async function auditVerifyCommand(
  directory: string,
  { json, head, now = Date.now }: AuditVerifyOptions,
): Promise<CommandResult> {
  const { linkHash, verifyChain } = await import('../../../functions/domain/audit-chain.ts');
  const { plain } = await import('../../../functions/domain/plain-text.ts');
  const files = await filesIn(directory);
  const report = verifyChain(files, now());
  const isKnown = head === undefined || files.some(({ text }) => linkHash(text) === head);
  const problems = isKnown ? report.problems : [...report.problems, `no link has the hash ${head}: links are missing`];
  const failed = problems.length > 0;
  if (json) return { text: JSON.stringify({ ...report, problems }, null, 2), failed };
  return { text: [...plain(problems), summaryOf(report)].join('\n'), failed };
}

async function filesIn(directory: string): Promise<ChainFile[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const { sequenceOf } = await import('../../../functions/domain/audit-chain.ts');
  const copyFirst = `Copy the chain first: aws s3 sync s3://suture-audit-<account>-<Region>/chain ${directory}`;
  const names = await readdir(directory, { recursive: true }).catch(({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT') throw new UsageError(`There is no directory ${directory}. ${copyFirst}`);
    throw new UsageError(`${directory} cannot be read: ${message}`);
  });
  const files: ChainFile[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort())
    files.push({ name, text: await readFile(join(directory, name), 'utf8') });
  if (files.some(({ name }) => sequenceOf(name) !== undefined)) return files;
  throw new UsageError(`${directory} has no link of the audit chain. ${copyFirst}`);
}

function summaryOf({ links, lines, repeated, oldest, head }: ChainReport): string {
  const repetition = repeated > 0 ? `, ${repeated} of them delivered again` : '';
  return `${countText(links, 'link')} (${oldest} to ${head!.sequence}) with ${countText(lines, 'change')}${repetition}. The newest has the hash ${head!.hash}.`;
}
