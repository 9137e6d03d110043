import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { COMMAND_GROUPS, EXIT_CODES } from '../../cli/command.ts';
import { suture } from '../support/command-line.ts';

it('exits as a process with 2 for wrong usage, and prints its error to standard error', async () => {
  const run = promisify(execFile)(process.execPath, ['bin/suture.ts', 'cataloge']);
  await expect(run).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean') });
});

describe('the command line', () => {
  it.each<[what: string, args: string[], code: number, message: RegExp]>([
    ['a wrong command', ['cataloge'], 2, /Did you mean catalogue/],
    ['an unknown risk', ['catalogue', '--risk', 'high'], 2, /Allowed choices are safe, disruptive, destructive/],
    ['an unknown version of CIS', ['catalogue', '--cis', '2.0'], 2, /Allowed choices are 5\.0, 3\.0, 1\.4, 1\.2/],
    ['explain without a name', ['explain'], 2, /missing required argument 'name'/],
    ['stop without a reason', ['stop', '--yes'], 2, /^Say why: --reason/],
    ['deny without a reason', ['deny', '0123abcd', '--yes'], 2, /^Say why: --reason/],
    ['list with a limit that is not a number', ['list', '--limit', 'many'], 2, /must be a whole number, 1 or more/],
    [
      'dlq redrive without a reason',
      ['dlq', 'redrive', 'suture-failures-dlq'],
      2,
      /--reason takes 1 to 300 characters/,
    ],
    ['dlq redrive of another queue', ['dlq', 'redrive', 'suture-failure-dlq'], 2, /did you mean suture-failures-dlq\?/],
    ['events replay without a time', ['events', 'replay', '--reason', 'why'], 2, /required option '--from/],
    ['replay without a selection', ['replay', '--reason', 'why'], 2, /Name a finding, .* or give --failed/],
    ['replay without a reason', ['replay', 'a-finding'], 2, /--reason takes 1 to 300 characters/],
    ['rollback without a selection', ['rollback', '--reason', 'why'], 2, /or give --control, --account or --since/],
    [
      'backfill of a control without a remediation',
      ['backfill', '--control', 'EC2.31', '--reason', 'why'],
      2,
      /There is no control "EC2\.31"; did you mean/,
    ],
    ['approve without an id', ['approve', '--yes'], 2, /missing required argument 'name'/],
    [
      '--region of a command without filters',
      ['status', '--region', 'us-east-1'],
      2,
      /that is --home-region us-east-1/,
    ],
    ['--region before a command', ['--region', 'us-east-1', 'stops'], 2, /that is --home-region us-east-1/],
    [
      '--region alone, which was the home Region',
      ['list', '--region', 'eu-west-1'],
      2,
      /^--region selects findings .* --home-region us-east-1 --region eu-west-1/,
    ],
    ['an unknown form of a list', ['list', '-o', 'xml'], 2, /Allowed choices are wide, json, jsonl, csv, name/],
    [
      'policy check of a file that does not exist',
      ['policy', 'check', '/nowhere/policy.yaml'],
      2,
      /^\/nowhere\/policy\.yaml cannot be read: there is no such file\.\spolicy\.yaml is in the repository/,
    ],
    ['explain with an unknown name', ['explain', 'EC2.31'], 2, /nearest names:\n(.*\n)* {2}EC2\.13\n/],
  ])('ends %s with exit code 2', async (_, args, code, message) => {
    const result = await suture(...args);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.error).toMatch(message);
  });
  it.each<[args: string[], help: RegExp]>([
    [[], /Look:\n {2}approvals/],
    [['policy'], /Commands:\n {2}approve/],
  ])('prints the help of %j, which lacks a command, and ends with 0', async (args, help) => {
    expect(await suture(...args)).toEqual({ code: 0, out: expect.stringMatching(help), error: '' });
  });
  it.each([
    ['stop --yez', 'stop'],
    ['policy diff --to', 'policy diff'],
    ['list -o xml', 'list'],
  ])('names the command for the options of %j', async (line, command) => {
    expect((await suture(...line.split(' '))).error).toMatch(`suture ${command} --help\n`);
  });
  it.each(['--json', '-o json', '--output=jsonl'])('prints wrong usage as JSON with %s', async (output) => {
    const { code, error } = await suture('list', '--limit', 'many', ...output.split(' '));
    expect([code, JSON.parse(error)]).toMatchObject([2, { error: { name: 'UsageError', exitCode: 2 } }]);
  });
  it.each([[['--help']], [['catalogue', '--help']], [['explain', '--help']], [['help', 'explain']]])(
    'prints help: %j',
    async (args) => {
      const { code, out } = await suture(...args);
      expect(code).toBe(0);
      expect(out).toContain('Exit codes: 0 all is well, 1 something failed or needs a person, 2 wrong usage');
    },
  );
  it('has the words of docs/operate.md for exit codes', async () => {
    const page = await readFile(new URL('../../docs/operate.md', import.meta.url), 'utf8');
    const codes = Object.entries(EXIT_CODES).map(([code, meaning]) => `${code} ${meaning}`);
    expect(page).toContain(`Exit codes of every command: ${codes.join(', ')}, 3 `);
  });
  it('groups the commands, marks required options, and says the codes of commands that ask AWS', async () => {
    const { out } = await suture('--help');
    const headings = [...out.matchAll(/^(\w[\w ]*):$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Options', ...COMMAND_GROUPS, 'Commands']);
    expect(out.replaceAll('\n', ' ')).toMatch(
      /2 wrong usage, 3 AWS or the installation could not .*, 130 interrupted\.\s*$/,
    );
    const stop = await suture('stop', '--help');
    expect(stop.out).toMatch(/--reason <words> [^-]*\(required\)/);
    expect(stop.out.replaceAll('\n', ' ')).toMatch(
      /, 3 AWS or the installation could not be asked .*, 130 interrupted\./,
    );
  });
  it('prints its version', async () => {
    expect(await suture('--version')).toMatchObject({ code: 0, out: 'suture 0.1.0\n' });
  });
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

describe('errors of the command line', () => {
  const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };
  const NO_FILES = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
  const environment = (more: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries({
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PROFILE: undefined,
      XDG_CONFIG_HOME: '/nowhere',
      AWS_REGION: undefined,
      AWS_ENDPOINT_URL: undefined,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      ...NO_FILES,
      ...more,
    }))
      vi.stubEnv(name, value);
  };
  afterEach(() => vi.unstubAllEnvs());

  it.each<[what: string, environment: Readonly<Record<string, string>>, args: string[], message: RegExp]>([
    [
      'no credentials',
      { AWS_REGION: 'us-east-1' },
      ['status'],
      /^Could not load credentials .*--profile.* account\. For the sandbox, export what/,
    ],
    ['no Region', { ...CREDENTIALS, AWS_REGION: '' }, ['status'], /^Region is missing\. .*--home-region/],
    [
      'a Region that is none',
      { ...CREDENTIALS, AWS_REGION: 'Ü' },
      ['status'],
      /^Suture knows no Region "Ü"\. A Region is/,
    ],
    [
      'a home Region with a slip of the keyboard',
      { ...CREDENTIALS, AWS_REGION: 'us-east-1' },
      ['--home-region', 'us-eats-1', 'status'],
      /^Suture knows no Region "us-eats-1"; did you mean us-east-1\? Give --home-region, or correct AWS_REGION/,
    ],
    [
      'a prefix that no installation has',
      { ...CREDENTIALS, AWS_REGION: 'us-east-1', SUTURE_PREFIX: 'Sut ure' },
      ['status'],
      /^SUTURE_PREFIX is "Sut ure": expected a letter, then/,
    ],
    [
      'a profile that does not exist',
      { AWS_REGION: 'us-east-1' },
      ['--profile', 'nobody', 'status'],
      /^There is no profile "nobody"/,
    ],
    [
      'an endpoint that is no URL',
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'foo' },
      ['status'],
      /^AWS_ENDPOINT_URL is "foo"/,
    ],
    [
      'an endpoint where nothing listens',
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      ['status'],
      /^Nothing answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/,
    ],
    [
      'an endpoint where nothing listens, which next does not take for missing credentials',
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      ['next'],
      /^Nothing answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/,
    ],
  ])('exits with 3 and one line for %s', async (_, variables, args, message) => {
    environment(variables);
    const { code, out, error } = await suture(...args);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(error).toMatch(message);
    expect(error.trimEnd()).not.toContain('\n');
  });
  it('takes --region as a filter beside --home-region, which it is not', async () => {
    environment({ ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
    const { code } = await suture('list', '--home-region', 'us-east-2', '--region', 'eu-west-1');
    expect([code, process.env.AWS_REGION]).toEqual([3, 'us-east-2']);
  });
  it.each<[args: string[], report: object]>([
    [['status', '--json'], { name: 'CredentialsProviderError', exitCode: 3 }],
    [['status', '--json', '--dayz', '3'], { name: 'UsageError', exitCode: 2 }],
    [['policy', 'diff', '--json', '/nowhere/policy.yaml'], { name: 'UsageError', exitCode: 2 }],
  ])('reports the errors of %j in JSON', async (args, report) => {
    environment({ AWS_REGION: 'us-east-1' });
    const { code, out, error } = await suture(...args);
    expect(JSON.parse(error)).toEqual({ error: { message: expect.any(String), ...report } });
    expect({ code, out }).toEqual({ code: (report as { exitCode: number }).exitCode, out: '' });
  });
});
