import { plainText } from '../../functions/domain/plain-text.ts';
import type { Exception } from '../../functions/domain/policy.ts';
import type { Operator, OperatorEnvironment } from '../clients/operator.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { parseReason } from '../options/reason.ts';
import { jsonOption, NAMED_FINDING, YES_OPTION } from '../options/standard.ts';
import { confirm } from '../output/confirm.ts';
import { utcDay } from '../output/utc-day.ts';
import type { ExceptionList } from '../policy/insert-exception.ts';

export type ExemptOptions = OperatorEnvironment & {
  readonly until: string;
  readonly owner: string;
  readonly reason?: string;
  readonly id?: string;
  readonly suppress?: boolean;
  readonly file?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly show?: (text: string) => void;
};

export default defineCommand<ExemptOptions, [words: readonly string[]]>({
  name: 'exempt',
  heading: 'Decide',
  summary: 'leave a finding as it is: write an exemption for its resource into policy.yaml',
  arguments: [NAMED_FINDING],
  options: [
    { flags: '--until <day>', text: 'its last day: 2027-01-31, or 90d for days from today', required: true },
    { flags: '--owner <name>', text: 'who answers for it', required: true },
    { flags: '--reason <words>', text: 'why the resource may stay as it is (required)' },
    { flags: '--suppress', text: 'archive the finding instead, so that it leaves the compliance score' },
    { flags: '--id <id>', text: 'the name of the exception (default: the control and the resource)' },
    { flags: '--file <policy>', text: 'the policy (default: policy.yaml)' },
    { flags: '--dry-run', text: 'show what would be written, and write nothing' },
    YES_OPTION,
    jsonOption('one JSON object: file, list, exception, written, already'),
  ],
  notes: `
Writes the file on this machine, and nothing in AWS: suture policy push brings it into force. The exception covers this control
for this resource alone; every other line of the file stays as it is. On the day after --until, the next check refuses the
file, so that somebody decides again.`.trim(),
  examples: [
    'suture exempt 0f6e8d11 --until 90d --owner platform-team --reason "the partner moves in March"',
    'suture exempt arn:aws:s3:::my-bucket --until 2027-01-31 --owner ann --reason "a public website" --suppress',
  ],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'it was written, or is in the policy already', 1: 'it was not', 2: 'wrong usage or nobody to ask' },
  run: (options, words) => exemptCommand(words.join(' '), options),
});

/**
 * @throws UsageError if an option has a wrong form, or the name stands for several findings
 * @throws PolicyError if the policy is or would be invalid, such as by an `--id` that exists
 * @throws Failure if no exception applies to the finding, or the file changed meanwhile
 */
export async function exemptCommand(name: string, options: ExemptOptions): Promise<string> {
  const { suppress, file = 'policy.yaml', dryRun, yes, json, show = () => {} } = options;
  const { criteriaFor, exceptionId, parseLastDay } = await import('../policy/exception-for.ts');
  const now = (options.now ?? Date.now)();
  const expires = parseLastDay(options.until, now);
  const [reason, owner] = [parseReason(options.reason ?? '', 'the partner moves in March'), parseOwner(options.owner)];
  const { parsePolicyText, readPolicyText } = await import('../policy/policy-file.ts');
  const { path, text, policy } = await readPolicyText(options.file, now);
  const { resolveOperator } = await import('../clients/operator.ts');
  const finding = await findingToExempt(await resolveOperator(options), name);

  const { exceptionFacts } = await import('../../functions/domain/finding-names.ts');
  const { exceptionFor } = await import('../../functions/domain/policy.ts');
  const list: ExceptionList = suppress ? 'suppressions' : 'exemptions';
  const report = (exception: Exception, state: { readonly written?: true; readonly already?: true }) =>
    JSON.stringify({ file: path, list, exception, written: false, already: false, ...state }, null, 2);
  const exceptions = [...policy.suppressions, ...policy.exemptions];
  const known = exceptionFor(exceptions, exceptionFacts(finding), utcDay(now));
  if (known) return json ? report(known, { already: true }) : alreadyText(known, file);

  const criteria = criteriaFor(finding);
  const exception = { id: options.id ?? exceptionId(finding, policy), reason, owner, expires, criteria };
  const { insertException } = await import('../policy/insert-exception.ts');
  const after = insertException(text, list, exception);
  parsePolicyText(after, file, now);
  if (!json) show(await differenceText(text, after));
  if (dryRun) return json ? report(exception, {}) : `Nothing was written to ${file}.`;
  await confirm(`Write this to ${file}?`, { yes, refusal: 'Nothing was written.' });
  await writeUnchanged(path, text, after);
  return json ? report(exception, { written: true }) : writtenText(exception.id, file, list);
}

function parseOwner(text: string): string {
  const owner = text.trim();
  if (owner !== '' && owner.length <= 100) return owner;
  throw new UsageError('--owner takes 1 to 100 characters: a person or a team.');
}

/** @throws Failure if the ledger has only duplicates of the finding, or triage rejected it */
async function findingToExempt(operator: Operator, name: string) {
  const { findingIdNamed } = await import('../names/find-findings.ts');
  const id = await findingIdNamed(operator, name);
  const record = await operator.ledger.record(id);
  if (!record) throw new Failure(`The ledger has only duplicates of ${plainText(id)}: there is nothing to exempt.`);
  if (record.ofStatus === 'REJECTED')
    throw new Failure(
      `Triage rejected ${plainText(id)}, so Suture leaves it as it is without an exception: ${plainText(record.reason)}.`,
    );
  return record.job.finding;
}

async function differenceText(before: string, after: string): Promise<string> {
  const { lineDifference } = await import('../output/line-difference.ts');
  return lineDifference(before, after).join('\n');
}

/** @throws Failure if somebody else changed the file since it was read */
async function writeUnchanged(path: string, before: string, after: string): Promise<void> {
  const { readFile, writeFile } = await import('node:fs/promises');
  if ((await readFile(path, 'utf8')) !== before)
    throw new Failure(`${path} changed while you were asked. Nothing was written: run the command again.`);
  await writeFile(path, after);
}

const alreadyText = ({ id, owner, reason, expires }: Exception, file: string): string =>
  `${file} has the exception ${id} for it already, until ${expires}: ${reason} (${owner}). Nothing was written.`;

const writtenText = (id: string, file: string, list: ExceptionList): string =>
  [
    `Written to ${file}, as ${list}.${id}. It is in force when the policy is deployed:`,
    `  suture policy push ${file === 'policy.yaml' ? '' : file}`.trimEnd(),
  ].join('\n');
