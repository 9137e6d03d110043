/** The commands of operators, for the command line: their options and help. What they do is loaded when one runs. */
import type { Command } from 'commander';
import { wholeNumber } from '../options/whole-number.ts';

const IN_AWS = `
Runs with the credentials and the Region of the environment (or --profile and --region): those of the security account, in its
home Region. For the sandbox, npm run sandbox prints what to export.`;
const NAMES = 'a finding, an execution (ARN, name or source identity) or a resource, whole';
const TIMES = '90m, 2h, 7d, a day or a time';
const WRITES = 'Exit codes: 0 all of it was done, 1 something failed or was refused, 2 wrong usage, or nobody to ask.';

export type Says = (text: string) => void;

/** Adds them; `say` prints an answer, progress goes to standard error. */
export function addOperatorCommands(program: Command, say: Says): void {
  const around = () => ({ progress: told, show: told, signal: onInterrupt() });
  const ends = ({ text, failed }: { readonly text: string; readonly failed: boolean }) => {
    say(text);
    if (failed) process.exitCode = 1;
  };

  program
    .command('status')
    .description(
      'tell how things stand: open, waiting, failed, fixed, archived; dead letters, throttles, stops, alarms',
    )
    .option('--days <number>', 'days whose fixes and archived findings are counted', wholeNumber, 7)
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Elsewhere than on a terminal, one tab-separated line for each thing: what it is, its name, how many or since when.

Examples:
  suture status
  suture status --json | jq .p95
${IN_AWS}

Exit codes: 0 nothing needs a person, 1 something does, 2 wrong usage.`,
    )
    .action(async (options) => {
      const { text, well } = await (await import('./status.ts')).statusCommand({ ...options, ...around() });
      ends({ text, failed: !well });
    });

  filtered(program.command('list').description('list findings by where they stand, the newest change first'))
    .option(
      '--status <status>',
      'open, waiting, failed, fixed, compliant, refused, planned, archived, ignored, rejected, rolled-back',
    )
    .option('--resource <id>', 'of one resource')
    .option('--remediation <id>', 'of one remediation: ec2/close-admin-ports')
    .option('--error <name>', 'that failed with one error')
    .option('--until <when>', `changed before: ${TIMES}`)
    .option('--limit <number>', 'this many at most', wholeNumber, 100)
    .option('--oldest-first', 'the oldest change first')
    .option('--json', 'a JSON array')
    .addHelpText(
      'after',
      `
A table on a terminal, tab-separated lines elsewhere: status, control, account, changed, resource, finding, why. Also what was
ignored, rejected or archived.

Examples:
  suture list --status failed --since 2h
  suture list --account 333333333333 --control EC2.13
${IN_AWS}

Exit codes: 0 it was listed, 1 it failed, 2 wrong usage.`,
    )
    .action(async (options) => say(await (await import('./list.ts')).listCommand({ ...options, ...around() })));

  program
    .command('show')
    .description('tell the whole story of a finding: checks, plan, attempts, before and after, calls, approval, links')
    .argument('<name>', NAMES)
    .option('--json', 'a JSON array with everything')
    .addHelpText(
      'after',
      `
Examples:
  suture show arn:aws:securityhub:us-east-1:333333333333:security-control/EC2.13/finding/0f6e…
  suture show suture-1a2b3c4d5e6f708192a3b4c5d6e7f809      a source identity, out of CloudTrail
  suture show arn:aws:s3:::my-bucket
${IN_AWS}

Exit codes: 0 it was shown, 1 it failed, 2 wrong usage, or the ledger knows nothing of that name.`,
    )
    .action(async (name, options) =>
      say(await (await import('./show.ts')).showCommand(name, { ...options, ...around() })),
    );

  writing(
    filtered(program.command('replay').description('deal with findings once more: redrive what failed, or start anew')),
  )
    .argument('[name]', NAMES)
    .option('--failed', 'every one that failed; the filters narrow it down')
    .option('--error <name>', 'that failed with one error')
    .option(
      '--again',
      'also what was dealt with within the hour, failed five times or was rolled back; by a new execution',
    )
    .option('--over-caps', "beyond this hour's caps; by a new execution")
    .option('--no-wait', 'do not wait until they are over')
    .addHelpText(
      'after',
      `
An execution that failed within 14 days, by the same workflow, goes on where it failed; for others a new one starts with the
original input, in your name: who asked for a change may not approve it. Leases and the kill switch always hold.
Interrupted (Ctrl-C), the same command goes on where it stopped.

Examples:
  suture replay --failed --error MemberRoleUnavailable --account 666666666666 --dry-run
  suture replay --failed --since 2h --reason "the role is there now"
${IN_AWS}

${WRITES}`,
    )
    .action(async (name, options) =>
      ends(await (await import('./replay.ts')).replayCommand(name, { ...options, ...around() })),
    );

  writing(
    filtered(
      program.command('rollback').description('undo fixes: restore what was before, unless it has changed since'),
    ),
  )
    .argument('[name]', NAMES)
    .option('--force', 'also what has changed since; what came in between is lost')
    .addHelpText(
      'after',
      `
Looks first whether the resource is as the fix left it, restores what was before, looks again whether that holds. The finding
is left alone from then on, until somebody replays it with --again. The kill switch holds; caps and circuits do not.

Examples:
  suture rollback arn:aws:securityhub:us-east-1:333333333333:security-control/EC2.13/finding/0f6e… --reason "broke the VPN"
  suture rollback --control EC2.13 --account 333333333333 --since 2h --dry-run
${IN_AWS}

${WRITES}`,
    )
    .action(async (name, options) =>
      ends(await (await import('./rollback.ts')).rollbackCommand(name, { ...options, ...around() })),
    );

  const dlq = program.command('dlq').description('look into the dead-letter queues, and deal with what lies in them');
  dlq
    .command('list')
    .description('list the dead-letter queues with what they hold')
    .option('--json', 'a JSON array')
    .addHelpText('after', `${IN_AWS}\n\nExit codes: 0 they are empty, 1 one is not, 2 wrong usage.`)
    .action(async (options) => ends(await (await import('./dlq.ts')).dlqListCommand({ ...options, ...around() })));
  dlq
    .command('redrive')
    .description('deal with the messages of a queue once more, each in the way that fits it')
    .argument('<queue>', 'as suture dlq list names it')
    .requiredOption('--reason <words>', 'why; it is kept with your name in the audit trail')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON object')
    .option('--rate <number>', 'messages a second', wholeNumber)
    .addHelpText(
      'after',
      `
Messages of queues go back to where they came from; events of findings start executions, each once however often it is tried;
what a function failed on it is invoked with again.
${IN_AWS}

${WRITES}`,
    )
    .action(async (queue, options) =>
      ends(await (await import('./dlq.ts')).dlqRedriveCommand(queue, { ...options, ...around() })),
    );

  const events = program.command('events').description("deal with events of the bus's archive");
  events
    .command('replay')
    .description('send the archived events of findings through the rules again')
    .requiredOption('--from <when>', `events from: ${TIMES}`)
    .option('--to <when>', `events until: ${TIMES} (default: now)`)
    .requiredOption('--reason <words>', 'why; it is kept with your name in the audit trail')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Only Suture's own rules get them. An event that came to triage before, or an older one of its finding, is a duplicate and
changes nothing; what failed goes on by suture replay. The archive keeps two weeks.

Examples:
  suture events replay --from 2026-11-22T01:00Z --to 2026-11-22T03:00Z --reason "the rules were off"
${IN_AWS}

${WRITES}`,
    )
    .action(async (options) =>
      ends(await (await import('./events.ts')).eventsReplayCommand({ ...options, ...around() })),
    );

  writing(
    filtered(
      program
        .command('backfill')
        .description('deal with findings that Security Hub has already; observe first, then apply'),
    ),
  )
    .option('--severity <label>', 'CRITICAL, HIGH, MEDIUM, LOW or INFORMATIONAL')
    .option('--limit <number>', 'this many at most', wholeNumber)
    .option('--apply', 'make the changes that policy allows, of findings that were observed before')
    .addHelpText(
      'after',
      `
Without --apply everything is planned and recorded, and nothing written: suture list --status planned shows what would be
changed. With it, findings that were observed are dealt with as policy says; others are counted and left.
Interrupted (Ctrl-C), the same command goes on where it stopped.

Examples:
  suture backfill --control EC2.13 --reason "first look"
  suture backfill --control EC2.13 --account 333333333333 --apply --reason "wave 1"
${IN_AWS}

${WRITES}`,
    )
    .action(async (options) =>
      ends(await (await import('./backfill.ts')).backfillCommand({ ...options, ...around() })),
    );
}

const filtered = (command: Command): Command =>
  command
    .option('--control <id>', 'of one control: EC2.13')
    .option('--account <id>', 'of one account')
    .option('--since <when>', `changed since: ${TIMES}`);

const writing = (command: Command): Command =>
  command
    .option('--reason <words>', 'why; it is kept with your name in the audit trail')
    .option('--dry-run', 'show what would happen, and do nothing')
    .option('--yes', 'do not ask')
    .option('--rate <number>', 'this many a second at most', wholeNumber)
    .option('--json', 'one JSON object');

const told = (line: string): void => console.error(line);

/** The first Ctrl-C lets the thing under way end; the second ends the command. */
function onInterrupt(): AbortSignal {
  const stopping = new AbortController();
  process.once('SIGINT', () => {
    console.error('Stopping after what is under way; Ctrl-C again stops at once.');
    stopping.abort();
  });
  return stopping.signal;
}
