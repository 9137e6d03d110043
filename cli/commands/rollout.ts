/** `suture rollout`: brings a new template of the member role to the accounts, unit by unit. */
import { type CommandResult, defineCommand, WRITE_EXIT_CODES } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { jsonOption, YES_OPTION } from '../options/standard.ts';
import { parseWholeNumber } from '../options/whole-number.ts';
import { confirm } from '../output/confirm.ts';
import { countText } from '../output/count-text.ts';
import type { RolloutOptions } from '../rollout/options.ts';

const AT_ONCE_PERCENT = 10;
const ALL_DONE = 'Every account has the template.';

export default defineCommand<RolloutOptions>({
  name: 'rollout',
  heading: 'Set up',
  summary: 'bring a new member role to the accounts unit by unit, a canary first; stops at the first failure',
  options: [
    { flags: '--canary <unit>', text: 'the unit that goes first, by path or id (default: rollout.canary of cdk.json)' },
    {
      flags: '--ou <unit>',
      text: 'after the canary, this unit and those below it alone (repeatable, in this order; default: every unit)',
      repeatable: true,
    },
    { flags: '--template <file>', text: 'a template (default: the one of SutureOrgRollout in cdk.out)' },
    { flags: '--template-url <url>', text: 'where you uploaded it in S3, if it is too large to be sent' },
    {
      flags: '--at-once <percent>',
      text: `percent of a unit's accounts that are updated at once, after the canary (default: ${AT_ONCE_PERCENT})`,
      parse: parseWholeNumber,
    },
    { flags: '--dry-run', text: 'show the units and how many accounts lack the template, and do nothing' },
    YES_OPTION,
    { flags: '-o, --output <format>', text: 'json', choices: ['json'] },
    jsonOption('one JSON object: stackSet, template, units, leftOut, earlierFailures, failed; like -o json'),
  ],
  notes: `
Run it after npm run synth and before SutureOrgRollout is deployed, which then changes nothing in the accounts. Each unit is one
operation of the StackSet: in the canary one account after the other, then some at once. Accounts that have the template already
are skipped, so the same command continues after a failure, after Ctrl-C and after a crash. A unit that is named stands for those
below it too. Accounts that join meanwhile get the new template. To go back, run it with the template of the release before.`.trim(),
  examples: [
    'suture --profile management rollout --canary /Sandbox --dry-run',
    'suture --profile management rollout --canary /Sandbox',
    'suture --profile management rollout --canary /Sandbox --ou /Workloads/Test --ou /Workloads/Production --at-once 25',
    'suture --profile management rollout --canary /Sandbox --template before.json    goes back',
  ],
  writes: true,
  access: `
Runs as a principal of the account that has the StackSet: the management account or a delegated administrator of StackSets
(context.suture.rollout.account). Permissions: docs/deploy.md#roll-out-unit-by-unit`.trim(),
  inOtherAccount: true,
  exitCodes: { ...WRITE_EXIT_CODES, 0: 'every unit has the template' },
  interruptible: true,
  run: (options) => rolloutCommand(options),
});

/**
 * @throws UsageError if no canary is known, Unreachable in another account than the rollout's
 * @throws Failure if another operation is under way, or AWS denies a call
 */
export async function rolloutCommand(options: RolloutOptions): Promise<CommandResult> {
  const { yes, dryRun = false, show = () => {} } = options;
  checkOptions(options);
  await options.announce?.();
  const { prepareRollout } = await import('../rollout/prepare.ts');
  const rollout = await prepareRollout({ ...options, atOnce: options.atOnce ?? AT_ONCE_PERCENT });
  const { awaitEarlierOperations, runRollout } = await import('../rollout/run.ts');
  const { outcomeText, planText } = await import('../rollout/rollout-text.ts');
  const { plain } = await import('../../functions/domain/plain-text.ts');
  const { run, stack } = rollout;
  const json = options.json || options.output === 'json';
  const earlierFailures = dryRun ? [] : await awaitEarlierOperations(run);
  const answer = (text: string, { failed, ...units }: RolloutAnswer): CommandResult => {
    const report = { stackSet: rollout.name, template: run.template.source, ...units, earlierFailures, failed };
    return { text: json ? JSON.stringify(report, null, 2) : text, failed };
  };
  const isSynthesized = options.template === undefined;
  const facts = { stack, isSynthesized, earlierFailures, command: commandLine(options) };
  if (earlierFailures.length > 0) {
    const nothing = { results: [], leftOut: [], remaining: 0 };
    return answer(outcomeText(plain({ ...facts, ...nothing })), { units: [], leftOut: [], failed: true });
  }
  const plan = await rollout.plan();
  const text = planText(plain(plan), run.template, plan.isNew);
  const { units, leftOut, remaining } = plan;
  const isIncomplete = leftOut.some(({ isProblem }) => isProblem);
  const updates = units.flatMap(({ outdated }) => outdated).length;
  if (dryRun) return answer(text, { units, leftOut, failed: false });
  const upToDate =
    remaining > 0
      ? `Every account of these units has the template, ${countText(remaining, 'other lacks', 'others lack')} it.`
      : ALL_DONE;
  if (updates === 0) return answer(`${text}\n${upToDate}`, { units, leftOut, failed: isIncomplete });
  if (!json) show(text);
  const question = `Update ${countText(updates, 'account')} in ${countText(units.length, 'unit')}, ${units[0]!.unit} first?`;
  await confirm(question, { yes, refusal: 'Nothing was updated.' });
  const results = await runRollout(run, plan);
  const failed = isIncomplete || results.some(({ status }) => status === 'failed');
  return answer(outcomeText(plain({ ...facts, results, leftOut, remaining })), { units: results, leftOut, failed });
}

type RolloutAnswer = {
  readonly units: readonly unknown[];
  readonly leftOut: readonly unknown[];
  readonly failed: boolean;
};

/** @throws UsageError if an option has a wrong value */
function checkOptions({ atOnce = AT_ONCE_PERCENT, templateUrl }: RolloutOptions): void {
  if (atOnce > 100) throw new UsageError(`--at-once takes 1 to 100 percent, not ${atOnce}.`);
  if (templateUrl !== undefined && !templateUrl.startsWith('https://'))
    throw new UsageError(`--template-url takes the https address of a file in S3, not "${templateUrl}".`);
}

/** Returns the command that continues, with the same options. */
function commandLine({ canary, ou = [], template, templateUrl, atOnce }: RolloutOptions): string {
  const words = ['rollout'];
  if (canary !== undefined) words.push('--canary', canary);
  for (const unit of ou) words.push('--ou', unit);
  if (template !== undefined) words.push('--template', template);
  if (templateUrl !== undefined) words.push('--template-url', templateUrl);
  if (atOnce !== undefined) words.push('--at-once', String(atOnce));
  return `npm run -s suture -- ${words.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')}`;
}
