import type { AccountResult } from '../clients/stack-set.ts';
import { countText } from '../output/count-text.ts';
import { table } from '../output/terminal.ts';
import type { LeftOut, RolloutPlan } from './plan.ts';
import type { UnitResult } from './run.ts';
import type { RolloutTemplate } from './template.ts';

export type RolloutOutcome = {
  /** The stack of the StackSet. */
  readonly stack: string;
  readonly results: readonly UnitResult[];
  readonly leftOut: readonly LeftOut[];
  readonly remaining: number;
  /** The template comes from the synthesized stack. */
  readonly isSynthesized: boolean;
  /** Failures of an operation that an earlier run began. */
  readonly earlierFailures: readonly AccountResult[];
  /** The command line that continues the rollout. */
  readonly command: string;
};

export function planText({ units, leftOut }: RolloutPlan, { source }: RolloutTemplate, isNew: boolean): string {
  const rows = units.map(({ unit, isCanary, accounts, outdated }, n) => [
    String(n + 1),
    `${accounts.length}`,
    `${outdated.length}`,
    isCanary ? `${unit} (canary)` : unit,
  ]);
  return [
    `Template: ${source}, ${isNew ? 'which is new to the StackSet' : 'which the StackSet has already'}.`,
    table(['step', 'accounts', 'to update', 'unit'], rows),
    ...leftOutLines(leftOut),
  ].join('\n');
}

export function outcomeText(outcome: RolloutOutcome): string {
  const { results, leftOut, earlierFailures, command } = outcome;
  const failed = results.find(({ status }) => status === 'failed');
  const lines = results.filter(({ status }) => status !== 'not begun').map(unitLine);
  const failures = failed?.failures ?? earlierFailures;
  if (failures.length === 0) return [...lines, ...leftOutLines(leftOut), nextText(outcome)].join('\n');
  const rest = results.filter(({ status }) => status === 'not begun').map(({ unit }) => unit);
  return [
    ...lines,
    `${failed?.unit ?? 'The operation that an earlier run began'} failed:`,
    ...failures.map(({ account, reason }) => `  ${account}: ${reason}`),
    rest.length > 0 ? `Stopped. Not begun: ${rest.join(', ')}.` : 'Stopped.',
    'Remove the cause and continue, or go back: synthesize the earlier release first. In both cases:',
    `  ${command}`,
    `Do not deploy ${outcome.stack} before, which would go on in all accounts.`,
  ].join('\n');
}

function nextText({ stack, remaining, isSynthesized }: RolloutOutcome): string {
  if (remaining > 0)
    return `${countText(remaining, 'account of other units lacks', 'accounts of other units lack')} the template. Roll it out to them before you deploy ${stack}, which would go on in all accounts.`;
  if (isSynthesized)
    return `Now deploy the stack, which changes nothing in these accounts any more: npx cdk deploy --exclusively ${stack}`;
  return `Do not deploy ${stack} with another template than this one, which would go to all accounts.`;
}

const unitLine = ({ unit, status, accounts }: UnitResult): string =>
  `${unit}: ${status}${status === 'failed' ? '' : ` (${countText(accounts, 'account')})`}`;

const leftOutLines = (leftOut: readonly LeftOut[]): string[] =>
  leftOut.map(({ account, reason }) => `${account} is left out: ${reason}.`);
