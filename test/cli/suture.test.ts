import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { catalogueCommand } from '../../cli/commands/catalogue.ts';
import { explainCommand } from '../../cli/commands/explain.ts';
import { nearest } from '../../functions/domain/nearest.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';

/** The command line as a process: what it prints, and its exit code. */
async function suture(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const run = promisify(execFile)(process.execPath, ['cli/program.ts', ...args]);
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, error: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, error: stderr }),
  );
}

describe('the command line', () => {
  it.each<[what: string, args: string[], code: number, says: RegExp]>([
    ['no command', [], 2, /Commands:\n {2}catalogue/],
    ['a wrong command', ['cataloge'], 2, /Did you mean catalogue/],
    ['a risk that is none', ['catalogue', '--risk', 'high'], 2, /Allowed choices are safe, disruptive, destructive/],
    ['a version that is none', ['catalogue', '--cis', '2.0'], 2, /Allowed choices are 5\.0, 3\.0, 1\.4, 1\.2/],
    ['explain without a name', ['explain'], 2, /missing required argument 'name'/],
    ['stop without a reason', ['stop', '--yes'], 2, /required option '--reason/],
    ['deny without a reason', ['deny', '0123abcd', '--yes'], 2, /required option '--reason/],
    ['list with a limit that is none', ['list', '--limit', 'many'], 2, /must be a whole number/],
    ['dlq redrive without a reason', ['dlq', 'redrive', 'suture-failures-dlq'], 2, /required option '--reason/],
    ['events replay without a time', ['events', 'replay', '--reason', 'why'], 2, /required option '--from/],
    ['replay without anything', ['replay', '--reason', 'why'], 2, /Name a finding, .* or give --failed/],
    ['replay without a reason', ['replay', 'a-finding'], 2, /--reason takes 1 to 300 characters/],
    ['rollback of everything', ['rollback', '--reason', 'why'], 2, /or give --control, --account or --since/],
    ['backfill of what nothing handles', ['backfill', '--control', 'EC2.31', '--reason', 'why'], 2, /No remediation/],
    ['approve without an id', ['approve', '--yes'], 2, /missing required argument 'id'/],
    ['explain with an unknown name', ['explain', 'EC2.31'], 2, /nearest names:\n(.*\n)* {2}EC2\.13\n/],
  ])('ends %s with 2', async (_, args, code, says) => {
    const ended = await suture(...args);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.error).toMatch(says);
  });
  it.each([[['--help']], [['catalogue', '--help']], [['explain', '--help']]])('helps: %j', async (args) => {
    const { code, out } = await suture(...args);
    expect(code).toBe(0);
    expect(out).toContain('Exit codes: 0 all is well, 1 something failed, 2 wrong usage.');
  });
  it('prints one line a control, without colours, where there is no terminal', async () => {
    const { code, out } = await suture('catalogue', '--service', 'ec2');
    expect(code).toBe(0);
    expect(out).toContain('EC2.13\tdisruptive\tec2/close-admin-ports\tClose SSH and RDP to the internet\n');
  });
});

describe('catalogue', () => {
  const controls = async (options: Parameters<typeof catalogueCommand>[0]) =>
    JSON.parse(await catalogueCommand({ ...options, json: true })).map(({ control }: { control: string }) => control);

  it('lists every control that the registry handles', async () => {
    expect((await controls({})).toSorted()).toEqual(remediations.flatMap(({ handles }) => handles.controls).toSorted());
  });
  it('lists numbers as numbers', async () => {
    const listed = await controls({});
    expect(listed.indexOf('EC2.7')).toBeLessThan(listed.indexOf('EC2.13'));
  });
  it.each<[options: Parameters<typeof catalogueCommand>[0], has: string, hasNot: string]>([
    [{ risk: 'safe' }, 'KMS.4', 'EC2.13'],
    [{ risk: 'disruptive' }, 'EC2.13', 'KMS.4'],
    [{ cis: '3.0' }, 'EC2.7', 'EC2.13'],
    [{ cis: '1.2' }, 'EC2.13', 'EC2.7'],
    [{ service: 'EC2', cis: '1.2' }, 'EC2.13', 'EC2.7'],
  ])('filters by %j', async (options, has, hasNot) => {
    const listed = await controls(options);
    expect(listed).toContain(has);
    expect(listed).not.toContain(hasNot);
  });
  it('lists nothing of a service that has no remediation', async () => {
    expect(await controls({ service: 'nope' })).toEqual([]);
  });
});

describe('explain', () => {
  it.each([
    ['a control', 'EC2.7', 'EC2.7  Encrypt new EBS volumes by default'],
    ['a control in small letters', 'ec2.7', 'EC2.7  Encrypt'],
    ['a remediation', 'ec2/close-admin-ports', 'EC2.13, EC2.14  Close SSH and RDP'],
    ['a CIS 1.2 name', 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1', 'EC2.13  Close'],
    ['a CIS 1.4 name', 'cis-aws-foundations-benchmark/v/1.4.0/2.2.1', 'EC2.7  Encrypt'],
    ['a CIS 3.0 name', 'cis-aws-foundations-benchmark/v/3.0.0/2.2.1', 'EC2.7  Encrypt'],
    ['a PCI name', 'pci-dss/v/3.2.1/PCI.EC2.5', 'EC2.13  Close'],
    ['a consolidated name', 'security-control/EC2.14', 'EC2.14  Close'],
  ])('knows %s', async (_, name, start) => {
    expect((await explainCommand(name, {})).startsWith(start)).toBe(true);
  });
  it('tells what a person wants to know before it runs', async () => {
    const page = await explainCommand('EC2.13', {});
    for (const fact of [
      'risk            disruptive',
      'also closes     EC2.14',
      'CIS of EC2.13   4.1 in 1.2',
      'ec2:AuthorizeSecurityGroupIngress, ec2:RevokeSecurityGroupIngress on arn:{partition}:ec2',
      'FIXED      EC2.13, SSH is open to the internet over IPv6',
      'pci-dss/v/3.2.1/PCI.EC2.5',
    ])
      expect(page).toContain(fact);
  });
  it('says the same to programs', async () => {
    const [entry] = JSON.parse(await explainCommand('EC2.7', { json: true }));
    expect(entry).toMatchObject({ control: 'EC2.7', global: false, cis: { '5.0': ['5.1.1'], '1.4': ['2.2.1'] } });
  });
});

test('the nearest names need the fewest changed letters', () => {
  expect(nearest('EC2.31', ['S3.1', 'EC2.13', 'IAM.22', 'EC2.3'])[0]).toBe('EC2.3');
  expect(nearest('ec2/close-ports', ['ec2/encrypt-ebs-by-default', 'ec2/close-admin-ports'])[0]).toBe(
    'ec2/close-admin-ports',
  );
});
