import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { suture } from '../support/command-line.ts';

it('exits as a process with 2 for wrong usage, and prints its error to standard error', async () => {
  const run = promisify(execFile)(process.execPath, ['bin/suture.ts', 'cataloge']);
  await expect(run).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean') });
});

describe('the command line', () => {
  it.each<[what: string, args: string[], code: number, message: RegExp]>([
    ['no command', [], 2, /Commands:\n {2}approvals/],
    ['a wrong command', ['cataloge'], 2, /Did you mean catalogue/],
    ['a group without a command', ['policy'], 2, /Commands:\n {2}check/],
    ['an unknown risk', ['catalogue', '--risk', 'high'], 2, /Allowed choices are safe, disruptive, destructive/],
    ['an unknown version of CIS', ['catalogue', '--cis', '2.0'], 2, /Allowed choices are 5\.0, 3\.0, 1\.4, 1\.2/],
    ['explain without a name', ['explain'], 2, /missing required argument 'name'/],
    ['stop without a reason', ['stop', '--yes'], 2, /required option '--reason/],
    ['deny without a reason', ['deny', '0123abcd', '--yes'], 2, /required option '--reason/],
    ['list with a limit that is not a number', ['list', '--limit', 'many'], 2, /must be a whole number/],
    ['dlq redrive without a reason', ['dlq', 'redrive', 'suture-failures-dlq'], 2, /required option '--reason/],
    ['events replay without a time', ['events', 'replay', '--reason', 'why'], 2, /required option '--from/],
    ['replay without a selection', ['replay', '--reason', 'why'], 2, /Name a finding, .* or give --failed/],
    ['replay without a reason', ['replay', 'a-finding'], 2, /--reason takes 1 to 300 characters/],
    ['rollback without a selection', ['rollback', '--reason', 'why'], 2, /or give --control, --account or --since/],
    [
      'backfill of a control without a remediation',
      ['backfill', '--control', 'EC2.31', '--reason', 'why'],
      2,
      /No remediation/,
    ],
    ['approve without an id', ['approve', '--yes'], 2, /missing required argument 'id'/],
    ['explain with an unknown name', ['explain', 'EC2.31'], 2, /nearest names:\n(.*\n)* {2}EC2\.13\n/],
  ])('ends %s with exit code 2', async (_, args, code, message) => {
    const result = await suture(...args);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.error).toMatch(message);
  });
  it.each([[['--help']], [['catalogue', '--help']], [['explain', '--help']], [['help', 'explain']]])(
    'prints help: %j',
    async (args) => {
      const { code, out } = await suture(...args);
      expect(code).toBe(0);
      expect(out).toContain('Exit codes: 0 all is well, 1 something failed, 2 wrong usage.');
    },
  );
  it('lists the arguments of each command, those of simulate included', async () => {
    const { out } = await suture('--help');
    expect(out).toMatch(/^ {2}explain \[options\] <name> +explain what/m);
    expect(out).toMatch(/^ {2}simulate \[options\] <file\.\.\.> +show what/m);
    expect(out).toMatch(/^ {2}policy +check/m);
  });
  it('prints one line for each control, without colours, if standard output is not a terminal', async () => {
    const { code, out } = await suture('catalogue', '--service', 'ec2');
    expect(code).toBe(0);
    expect(out).toContain('EC2.13\tdisruptive\tec2/close-admin-ports\tClose SSH and RDP to the internet\n');
  });
});
