/** `suture ip-ranges plan | apply | status`: the function is asked, so that its own role, lease and checks hold. */
import { readFile } from 'node:fs/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  IpRangesAnswer,
  type IpRangesCommand,
  type PlannedCall,
  type TargetAnswer,
} from '../../ip-ranges/contract/command.ts';
import { sampleContext } from '../../lab/organization/organization.ts';
import { functionName } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { fromCaller } from '../options/from-caller.ts';
import { confirmed } from '../output/confirm.ts';
import { colour, table } from '../output/terminal.ts';

export type IpRangesOptions = {
  readonly document?: string;
  readonly target?: readonly string[];
  readonly compact?: boolean;
  readonly allowShrink?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  /** Where a plan is shown before the question. */
  readonly show?: (text: string) => void;
  /** Asked once: a second try would not know what the first one did. */
  readonly lambda?: LambdaClient;
};
/** `failed`: a target's document was refused, something is in its way, or a call failed. */
export type Said = { readonly text: string; readonly failed: boolean };

export async function ipRangesCommand(command: 'plan' | 'apply' | 'status', options: IpRangesOptions): Promise<Said> {
  const { target, compact, allowShrink, yes, json, show = () => {}, lambda = await lambdaOfTheFunction() } = options;
  const document = options.document === undefined ? undefined : await documentIn(options.document);
  const ask = (command: IpRangesCommand['command']) =>
    asked(lambda, { command, document, compact, allowShrink, ...(target && { targets: [...target] }) });
  if (command !== 'apply') return said(await ask(command), json);

  const planned = await ask('plan');
  const failed = planned.targets.some(({ error }) => error !== undefined);
  if (planned.targets.every(({ calls = [] }) => calls.length === 0)) return said(planned, json);
  show(page(planned));
  const question = failed ? 'Make these calls, and leave the targets with errors as they are?' : 'Make these calls?';
  if (!(await confirmed(question, { yes }))) throw new Failure('Nothing was changed.');
  return said(await ask('apply'), json);
}

async function asked(lambda: LambdaClient, command: IpRangesCommand): Promise<IpRangesAnswer> {
  const FunctionName = functionName('ip-ranges');
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(command) }),
  );
  const answer = JSON.parse(new TextDecoder().decode(Payload));
  if (FunctionError) throw new Failure(`${answer.errorType ?? FunctionError}: ${answer.errorMessage ?? 'no message'}`);
  return IpRangesAnswer.parse(answer);
}

/** In the Region that cdk.json gives the function. */
async function lambdaOfTheFunction(): Promise<LambdaClient> {
  const { ipRanges, homeRegion } = await sampleContext();
  if (!ipRanges)
    throw new Failure(
      'cdk.json configures no ipRanges, so there is no function to ask: add them to context.suture and deploy.',
    );
  return new LambdaClient({ region: ipRanges.region ?? homeRegion, maxAttempts: 1 });
}

/** Lambda takes 6 MB: white space is left out. */
async function documentIn(file: string): Promise<unknown> {
  const text = await readFile(fromCaller(file), 'utf8').catch((error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

const said = (answer: IpRangesAnswer, json = false): Said => ({
  text: json ? JSON.stringify(answer.targets, null, 2) : page(answer),
  failed: answer.targets.some(({ error }) => error !== undefined),
});

const page = ({ targets }: IpRangesAnswer): string => targets.map(section).join('\n\n');

function section(answer: TargetAnswer): string {
  const { target, services, syncToken, createDate, calls, notes = [], error } = answer;
  const document = syncToken === undefined ? '' : `, document ${syncToken} of ${createDate}`;
  return [
    colour('bold', target) + `  ${services.join(', ')}${document}`,
    ...applied(answer),
    ...capacity(answer),
    ...(calls ?? []).flatMap(lines),
    ...(calls ? sum(answer) : []),
    ...notes.map((note) => `  ${colour('yellow', 'note')}  ${note}`),
    ...(error ? [`  ${colour('red', error.name)}  ${error.message}`] : []),
  ].join('\n');
}

const applied = ({ applied }: TargetAnswer): string[] =>
  applied
    ? [
        `  brought to ${applied.syncToken} at ${applied.at}: ${counted(applied.ranges, 'range')} in ${counted(applied.groups, 'group or list')}`,
      ]
    : [];

/** How full each group or list is: ours, those of people, and what it takes of each family. */
function capacity({ holders = [], attachedTo }: TargetAnswer): string[] {
  if (holders.length === 0) return [];
  const rows = holders.map(({ id, name, own, others, limit }) => [
    `  ${name}`,
    id,
    `${own.IPv4} + ${others.IPv4}`,
    `${own.IPv6} + ${others.IPv6}`,
    `${limit}`,
  ]);
  return [
    table(['  holds', 'id', 'IPv4: ours + others', 'IPv6', 'of at most'], rows),
    ...(attachedTo ? [`  attached to ${attachedTo} network interfaces or load balancers`] : []),
  ];
}

function lines({ call, on, add = [], remove = [], detail }: PlannedCall): string[] {
  return [
    `  ${call} ${on}${detail ? `, ${detail}` : ''}`,
    ...add.map((one) => colour('green', `    + ${one}`)),
    ...remove.map((one) => colour('red', `    - ${one}`)),
  ];
}

function sum({ calls = [], figures, error }: TargetAnswer): string[] {
  if (calls.length === 0 && error) return [];
  const of = (what: 'add' | 'remove') => calls.reduce((all, call) => all + (call[what]?.length ?? 0), 0);
  const wanted = figures ? `; ${counted(figures.ranges, 'range')} in ${counted(figures.groups, 'group or list')}` : '';
  if (calls.length === 0) return [`  nothing to do${wanted}`];
  return [`  ${counted(calls.length, 'call')}: ${of('add')} added, ${of('remove')} removed${wanted}`];
}

/** `1 group or list`, `2 groups or lists`. */
const counted = (count: number, what: string) =>
  `${count} ${count === 1 ? what : what.replace(/(\w+)( or |$)/g, '$1s$2')}`;
