/** `npm run -s suture -- <command>`: the operators' command line. A command loads what it needs only when it runs. */
import { enableCompileCache } from 'node:module';
import { Command, Option } from 'commander';
import { CIS_VERSIONS } from '../functions/domain/benchmarks.ts';
import { addOperatorCommands } from './commands/operators.ts';
import { wholeNumber } from './options/whole-number.ts';
import { runProgram } from './run-program.ts';

/** The SDK clients of every remediation are most of what a command loads; compiled once, they take half as long. */
enableCompileCache();

const EXIT_CODES = `
Exit codes: 0 all is well, 1 something failed, 2 wrong usage.`;

const program = new Command('suture')
  .description('Closes AWS Security Hub findings by itself. Commands to see what it can do, and to run it.')
  .usage('<command>   (in this repository: npm run -s suture -- <command>)')
  .option('--profile <name>', 'the profile of the AWS configuration whose credentials are used')
  .option('--region <region>', "the AWS Region, instead of the environment's")
  .hook('preAction', (command) => useEnvironment(command.opts()))
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText('after', EXIT_CODES);

program
  .command('catalogue')
  .description('list the controls that remediations close')
  .option('--service <name>', 'of one service: ec2')
  .addOption(new Option('--risk <risk>', 'of one risk').choices(['safe', 'disruptive', 'destructive']))
  .addOption(new Option('--cis <version>', 'that a version of the CIS benchmark asks for').choices(CIS_VERSIONS))
  .option('--json', 'a JSON array with all that is known of each')
  .addHelpText(
    'after',
    `
A table on a terminal, tab-separated lines elsewhere.

Examples:
  suture catalogue --service ec2
  suture catalogue --risk safe --cis 3.0
  suture catalogue --json | jq -r '.[].control'
${EXIT_CODES}`,
  )
  .action(async (options) => say(await (await import('./commands/catalogue.ts')).catalogueCommand(options)));

program
  .command('explain')
  .description('tell what the remediation of a control does, needs, and how to undo it')
  .argument('<name>', "a control, a remediation, or a finding's generator id")
  .option('--json', 'a JSON array with all that is known')
  .addHelpText(
    'after',
    `
Examples:
  suture explain EC2.13
  suture explain ec2/close-admin-ports
  suture explain cis-aws-foundations-benchmark/v/1.4.0/2.2.1
${EXIT_CODES}`,
  )
  .action(async (name, options) => say(await (await import('./commands/explain.ts')).explainCommand(name, options)));

program
  .command('simulate')
  .description('tell what would happen to findings, by running them through everything in a sandbox')
  .argument('<file...>', 'an event, a finding (ASFF), an array of them, or one a line; - is standard input')
  .option('--json', 'one JSON object a line, in the order of the input, and nothing else')
  .addOption(new Option('--mode <mode>', 'plan writes nothing').choices(['plan', 'apply']).default('apply'))
  .option('--policy <file>', 'the policy to go by (default: every control automatic, destructive ones by approval)')
  .option(
    '--at <time>',
    'when they come, for windows, caps and the days of exceptions: 2026-12-24T03:00Z (default: now)',
  )
  .option('--as-is', 'leave accounts and Regions of events, and the accounts of Suture, as they are')
  .addHelpText(
    'after',
    `
A fresh organization has the accounts that the findings name, each finding's resource is made faulty in it, and the findings
go through the deployed rules and the workflow. Nothing leaves this machine.

Examples:
  suture simulate finding.json
  suture simulate findings/*.json
  suture simulate --json --mode plan --policy policy.yaml findings.jsonl
  aws securityhub get-findings --max-items 50 | suture simulate -

Exit codes: 0 every finding was dealt with (also ignored, rejected, archived or waiting), 1 one failed, 2 wrong usage or input.`,
  )
  .action(async (files, options) => {
    const { text, failed } = await (await import('../lab/simulate/command.ts')).simulateCommand(files, options);
    say(text);
    if (failed) process.exitCode = 1;
  });

const policy = program.command('policy').description('check policy.yaml, compare it with what is deployed, deploy it');
/** Commands that look at an installation, or change it. */
const IN_AWS = `
Runs with the credentials and the Region of the environment: those of the security account, in its home Region. For the
sandbox, npm run sandbox prints what to export.`;

policy
  .command('check')
  .description('find everything that is wrong with a policy, with its line; asks nobody')
  .argument('[file]', 'default: policy.yaml')
  .option('--json', 'one JSON object: file, valid, problems')
  .addHelpText('after', '\nExit codes: 0 the policy is valid, 1 it is not, 2 wrong usage, such as no such file.')
  .action(async (file, options) => {
    const { text, valid } = await (await import('./commands/policy.ts')).checkCommand(file, options);
    say(text);
    if (!valid) process.exitCode = 1;
  });

policy
  .command('diff')
  .description(
    'tell what a policy would change against the deployed one; ! marks where Suture begins to write by itself',
  )
  .argument('[file]', 'default: policy.yaml')
  .option('--json', 'one JSON object: deployed, changes')
  .addHelpText('after', `${IN_AWS}\n${EXIT_CODES}`)
  .action(async (file, options) => say(await (await import('./commands/policy.ts')).diffCommand(file, options)));

policy
  .command('push')
  .description('deploy a policy: checks it, shows what changes, asks, and waits until it holds')
  .argument('[file]', 'default: policy.yaml')
  .option('--version <number>', 'deploy an earlier version again, instead of a file', wholeNumber)
  .option('--yes', 'do not ask')
  .option('--json', 'one JSON object: deployed (before), changes, version, deployment')
  .addHelpText(
    'after',
    `
Examples:
  suture policy push
  suture policy push --yes --json wave-2.yaml
  suture policy push --version 7        goes back to version 7
${IN_AWS}

Exit codes: 0 it is deployed, or nothing changes; 1 it was refused, or failed; 2 wrong usage, or nobody to ask.`,
  )
  .action(async (file, options) => {
    const progress = (line: string) => console.error(line);
    say(await (await import('./commands/policy.ts')).pushCommand(file, { ...options, progress }));
  });

program
  .command('approvals')
  .description('list the changes that wait for approval')
  .option('--json', 'a JSON array with the whole plan of each')
  .addHelpText(
    'after',
    `
A table on a terminal, tab-separated lines elsewhere: id, control, risk, account, denied after, change.
${IN_AWS} IAM must allow
lambda:GetFunctionUrlConfig, lambda:InvokeFunctionUrl and lambda:InvokeFunction on the function suture-approvals.
${EXIT_CODES}`,
  )
  .action(async (options) => say(await (await import('./commands/approvals.ts')).approvalsCommand(options)));

for (const answer of ['approve', 'deny'] as const) {
  const command = program
    .command(answer)
    .description(
      answer === 'approve'
        ? 'let a change be made: shows its plan, and asks'
        : 'refuse a change: shows its plan, and asks',
    )
    .argument('<id>', 'as suture approvals lists it; its first 8 digits will do')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON object: id, answer, by, at')
    .addHelpText(
      'after',
      `
Who signs is who answers; who asked for the change may not approve it. The first answer counts.
${IN_AWS}

Exit codes: 0 the answer was taken, 1 it was not (answered before, too late, not allowed), 2 wrong usage, or nobody to ask.`,
    )
    .action(async (id, options) => {
      const show = (text: string) => console.error(text);
      say(await (await import('./commands/approvals.ts')).answerCommand(answer, id, { ...options, show }));
    });
  if (answer === 'deny') command.requiredOption('--reason <words>', 'why; it goes into the note on the finding');
  else command.option('--reason <words>', 'why; it is kept with the answer');
}

for (const action of ['stop', 'resume'] as const)
  program
    .command(action)
    .description(
      action === 'stop'
        ? 'stop every change in every account within seconds'
        : 'let changes be made again after a stop',
    )
    .requiredOption('--reason <words>', 'why; it is kept with your name in the audit trail')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON object: changed, stopped')
    .addHelpText(
      'after',
      `${IN_AWS}

Exit codes: 0 it is so (also when it was before), 1 it failed, 2 wrong usage, or nobody to ask.`,
    )
    .action(async (options) => {
      const { stopCommand, resumeCommand } = await import('./commands/stops.ts');
      say(await (action === 'stop' ? stopCommand : resumeCommand)(options));
    });

program
  .command('stops')
  .description('tell what stops changes: kill switch, open circuits, caps reached this hour')
  .option('--json', 'one JSON object: stopped, circuits, caps, executions, audit')
  .addHelpText(
    'after',
    `
Elsewhere than on a terminal, one tab-separated line for each thing that stops something.
${IN_AWS}
${EXIT_CODES}`,
  )
  .action(async (options) => say(await (await import('./commands/stops.ts')).stopsCommand(options)));

program
  .command('member-template')
  .description("print the member role's CloudFormation template, for single accounts")
  .option('--output <file>', 'write it to a file')
  .option('--example', "print it although cdk.json holds the example's accounts")
  .addHelpText(
    'after',
    `
For accounts that the StackSet of SutureOrgRollout does not reach. It trusts the service account of cdk.json; deploy the
other stacks first. Asks nobody and writes nothing in AWS.

Examples:
  suture member-template --output member-role.json
${EXIT_CODES}`,
  )
  .action(async (options) => say(await (await import('./commands/member-template.ts')).memberTemplateCommand(options)));

const ipRanges = program
  .command('ip-ranges')
  .description('keep security groups equal to published ranges: look, bring them there, see where they stand');

for (const [name, does] of [
  ['plan', 'tell what would be changed, call by call, with the capacity of each group; writes nothing'],
  ['apply', 'make those calls: shows the plan, and asks'],
  ['status', 'tell what each target holds, and which document it was brought to'],
] as const) {
  const command = ipRanges
    .command(name)
    .description(does)
    .option('--target <name>', 'one target; may be given several times', (one: string, all: string[] = []) => [
      ...all,
      one,
    ])
    .option('--json', 'a JSON array with an object for each target')
    .addHelpText(
      'after',
      `
Asks the function suture-ip-ranges in the Region that cdk.json gives it, with the credentials of the environment: those of
the security account. IAM must allow lambda:InvokeFunction on it. For the sandbox, npm run sandbox prints what to export.

Exit codes: 0 all is well, 1 a target's document was refused, something is in its way, or a call failed, 2 wrong usage.`,
    )
    .action(async (options) => {
      const show = (text: string) => console.error(text);
      const { ipRangesCommand } = await import('./commands/ip-ranges.ts');
      const { text, failed } = await ipRangesCommand(name, { ...options, show });
      say(text);
      if (failed) process.exitCode = 1;
    });
  if (name === 'status') continue;
  command
    .option('--document <file>', 'another document than the published one; the ledger keeps no trace of it')
    .option('--compact', 'move ranges into as few groups as hold them, and delete what was made and is empty')
    .option('--allow-shrink', 'go on where a service has no range, or more would go than the limit allows');
  if (name === 'apply') command.option('--yes', 'do not ask');
}

addOperatorCommands(program, say);

await runProgram(program);

function say(text: string): void {
  process.stdout.write(text === '' ? '' : `${text}\n`);
}

/** Every client of the SDK reads them there. */
function useEnvironment({ profile, region }: { readonly profile?: string; readonly region?: string }): void {
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (region !== undefined) process.env.AWS_REGION = region;
}
