import { defineCommand } from '../../cli/command.ts';
import type { SimulateOptions } from './simulate-files.ts';

export default defineCommand<SimulateOptions, [files: readonly string[]]>({
  name: 'simulate',
  heading: 'Look',
  summary: 'show what would happen to findings, by running them through the deployed stacks in a sandbox',
  arguments: [
    {
      name: '<file...>',
      text: 'an event, a finding (ASFF), an array of them, one a line, or {"Findings": […]} as aws securityhub get-findings prints it; - is standard input',
    },
  ],
  options: [
    { flags: '--finding <id>', text: 'one finding whole: by the beginning of its id, or its place in the input' },
    { flags: '--verbose', text: 'each finding whole: with its reason, states, change and calls' },
    { flags: '--json', text: 'one JSON object a line, in the order of the input, and nothing else' },
    { flags: '--mode <mode>', text: 'plan writes nothing', choices: ['plan', 'apply'], default: 'apply' },
    {
      flags: '--policy <file>',
      text: 'the policy (default: every control automatic, destructive ones by approval)',
    },
    {
      flags: '--at <time>',
      text: 'when the findings arrive, for windows, caps and the days of exceptions: 2026-12-24T03:00Z (default: now)',
    },
    {
      flags: '--ou <account=path>',
      text: 'the unit of an account, 111122223333=/Workloads/Production (default: /Workloads; repeatable)',
      repeatable: true,
    },
    { flags: '--as-is', text: 'leave accounts and Regions of events, and the accounts of Suture, as they are' },
  ],
  notes: `
The command starts an organization with the accounts that the findings name, makes each finding's resource faulty in it, and
sends the findings through the deployed rules and the workflow. Several findings about one resource are one resource with
several faults, and arrive one after another. Nothing leaves this machine. The result is a summary and a line for each finding,
those that did not end well first; progress goes to standard error.`.trim(),
  examples: [
    'suture simulate finding.json',
    'suture simulate findings/*.json',
    'suture simulate findings/*.json --finding 0f6e1a2b',
    'suture simulate --json --mode plan --policy policy.yaml findings.jsonl',
    'suture simulate --policy policy.yaml --ou 111122223333=/Sandbox finding.json',
    'aws securityhub get-findings --max-items 50 | suture simulate -',
  ],
  exitCodes: {
    0: 'no finding failed (some may be ignored, rejected, archived or waiting)',
    1: 'one failed, or is NOT_SIMULATED because the sandbox could not make its resource faulty',
    2: 'wrong usage or input, such as a finding that is not in ASFF; the error names what is wrong with it',
  },
  run: async (options, files) => (await import('./simulate-files.ts')).simulateFiles(files, options),
});
