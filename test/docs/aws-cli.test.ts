/** Commands of the AWS CLI in pages and in messages name operations and options that exist. */
import { glob, readFile } from 'node:fs/promises';
import { NormalizedSchema } from '@smithy/core/schema';
import { expect, it } from 'vitest';
import { SERVICES } from '../../sandbox/services/services.generated.ts';

/** Commands of the AWS CLI that are not operations of a service. */
const OWN_COMMANDS = [
  'cloudformation deploy',
  'cloudtrail validate-logs',
  'configure sso',
  's3 cp',
  's3 ls',
  's3 sync',
  'sso login',
];
/** Services of which this repository has no SDK client. */
const WITHOUT_CLIENT = ['cloudformation activate-organizations-access'];
/** The AWS CLI's names of services, where the sandbox has others. */
const CLI_NAMES: Readonly<Record<string, string>> = { stepfunctions: 'sfn', events: 'eventbridge' };
/** Members with another name in the AWS CLI. */
const CLI_OPTIONS: Readonly<Record<string, string>> = { 'notification-endpoint': 'endpoint' };
const GLOBAL_OPTIONS = ['profile', 'region', 'query', 'output', 'max-items', 'no-paginate', 'endpoint-url'];

const COMMAND = /(?<![\w/-])aws ((?!-)[a-z0-9-]+) ([a-z][a-z0-9-]+)((?:(?: | *\\\n)+(?!#|\||>|&|"?\$\()[^\s`|>#]+)*)/g;

type CliCommand = {
  readonly page: string;
  readonly service: string;
  readonly name: string;
  readonly options: string[];
};

const FILES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/*.md', 'functions/remediations/**/*.md'],
  ...['cli/**/*.ts', 'lab/**/*.ts'],
];

async function commandsInFiles(): Promise<CliCommand[]> {
  const found: CliCommand[] = [];
  for await (const page of glob(FILES)) {
    for (const [, service, name, rest] of (await readFile(page, 'utf8')).matchAll(COMMAND))
      found.push({
        page,
        service: service!,
        name: name!,
        options: [...rest!.matchAll(/ --([a-z-]+)/g)].map(([, o]) => o!),
      });
  }
  return found;
}

/** Commands whose operation the sandbox does not have. None of them is of the runbook. */
const NOT_IN_SANDBOX: Readonly<Record<string, string>> = {
  'cloudformation create-change-set': 'the sandbox does not find drift',
  'cloudformation describe-change-set': 'the sandbox does not find drift',
  'cloudformation execute-change-set': 'the sandbox does not find drift',
  'cloudformation create-stack-instances': 'templates name the units of a StackSet',
  'cloudformation delete-stack-instances': 'templates name the units of a StackSet',
  'organizations enable-aws-service-access': 'the sandbox begins with a delegated organization',
  'organizations enable-policy-type': 'the sandbox begins with a delegated organization',
  'organizations register-delegated-administrator': 'the sandbox begins with a delegated organization',
  'ram enable-sharing-with-aws-organization': 'the sandbox begins with a delegated organization',
  'securityhub delete-action-target': 'nobody uninstalls the sandbox',
};

const pascal = (name: string) => name.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
const lower = (name: string) => name.replaceAll('-', '').toLowerCase();

const operationsOf = (service: string) =>
  Object.keys(SERVICES.find(({ name }) => name === (CLI_NAMES[service] ?? service))?.operations ?? {});
const isModelled = ({ service, name }: Pick<CliCommand, 'service' | 'name'>) =>
  operationsOf(service).some((operation) => operation.toLowerCase() === lower(name));

function faultOf({ service, name, options }: CliCommand): string | undefined {
  if ([...OWN_COMMANDS, ...WITHOUT_CLIENT].includes(`${service} ${name}`)) return undefined;
  const sdk = SERVICES.find((each) => each.name === (CLI_NAMES[service] ?? service))?.sdk;
  if (!sdk) return `there is no service ${service}`;
  // The CLI writes AWSService as aws-service.
  const schema = Object.entries(sdk).find(([each]) => each.toLowerCase() === `${lower(name)}$`)?.[1] as any;
  if (!schema) return `${service} has no operation ${pascal(name)}`;
  const members = Array.from(NormalizedSchema.of(schema[4]).structIterator(), ([member, type]) =>
    // The CLI has a pair of options for a Boolean member.
    type.isBooleanSchema() ? [lower(member), lower(`no-${member}`)] : [lower(member)],
  ).flat();
  return options
    .filter((option) => !GLOBAL_OPTIONS.includes(option) && !members.includes(lower(CLI_OPTIONS[option] ?? option)))
    .map((option) => `${pascal(name)} has no option --${option}`)
    .at(0);
}

it('every command of the AWS CLI exists, with its options', async () => {
  const commands = await commandsInFiles();
  expect(commands.length).toBeGreaterThan(10);
  const faults = commands.map((each) => ({ page: each.page, fault: faultOf(each) }));
  expect(faults.filter(({ fault }) => fault)).toEqual([]);
});

it('the sandbox has the operation of every command of a page, so that people can practise it', async () => {
  const commands = (await commandsInFiles()).filter(({ page }) => page.endsWith('.md'));
  const missing = commands
    .filter((command) => !isModelled(command))
    .map(({ service, name }) => `${service} ${name}`)
    .filter((command) => ![...OWN_COMMANDS, ...WITHOUT_CLIENT].includes(command));
  expect([...new Set(missing)].toSorted()).toEqual(Object.keys(NOT_IN_SANDBOX).toSorted());
  const ofRunbook = commands.filter(({ page }) => page === 'docs/runbook.md');
  expect(ofRunbook.length).toBeGreaterThan(20);
  expect(ofRunbook.filter(({ service, name }) => `${service} ${name}` in NOT_IN_SANDBOX)).toEqual([]);
});

it.each([
  ['sts', 'assume-role', ['rol-arn'], 'AssumeRole has no option --rol-arn'],
  ['sts', 'assume-role', ['no-role-arn'], 'AssumeRole has no option --no-role-arn'],
  ['sts', 'take-role', [], 'sts has no operation TakeRole'],
])('a command that does not exist is found: aws %s %s', (service, name, options, fault) => {
  expect(faultOf({ page: '', service, name, options })).toBe(fault);
});
