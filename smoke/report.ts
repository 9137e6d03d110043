/** The report of a run as Markdown, which names no account and may be shared. */

import packageJson from '../cli/package.json' with { type: 'json' };
import type { SutureContext } from '../stacks/context.ts';
import { redactor } from './redact.ts';
import type { SmokeResult, SmokeRun } from './run.ts';

export function smokeReport({ results, left, interrupted }: SmokeRun, context: SutureContext, at: Date): string {
  const passed = results.filter(({ status }) => status === 'passed').length;
  const text = [
    '# Suture against AWS',
    `Suture ${packageJson.version}, ${at.toISOString().slice(0, 10)}, partition ${context.partition}, home Region ${context.homeRegion}. ${passed} of ${results.length} steps passed${interrupted ? '; the run was interrupted' : ''}.`,
    'Identifiers are replaced by placeholders. docs/unproven.md says which guess each step proves.',
    ...results.map(section),
    '## What is left',
    left.length === 0 ? 'Nothing.' : left.map((each) => `- could not be removed: ${each}`).join('\n'),
  ].join('\n\n');
  return `${redactor(context)(text)}\n`;
}

const section = ({ step, proves, status, facts, reason, seconds }: SmokeResult): string =>
  [
    `## ${step}: ${status}${status === 'not run' ? '' : `, ${seconds} s`}`,
    `Proves that ${proves}.`,
    ...(facts.length > 0 ? [facts.map((fact) => `- ${fact}`).join('\n')] : []),
    ...(reason === undefined ? [] : [reason]),
  ].join('\n\n');
