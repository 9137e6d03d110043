import { describe, expect, it } from 'vitest';
import definition, { explainCommand } from '../../../cli/commands/explain.ts';

describe('suture explain', () => {
  it.each([
    ['its name', 'EC2.7', 'EC2.7  Encrypt new EBS volumes by default'],
    ['its name in lower case', 'ec2.7', 'EC2.7  Encrypt'],
    ['a remediation', 'ec2/close-admin-ports', 'EC2.13, EC2.14, EC2.53, EC2.54  Close SSH and RDP'],
    ['a CIS 1.2 name', 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1', 'EC2.13  Close'],
    ['a CIS 1.4 name', 'cis-aws-foundations-benchmark/v/1.4.0/2.2.1', 'EC2.7  Encrypt'],
    ['a CIS 3.0 name', 'cis-aws-foundations-benchmark/v/3.0.0/2.2.1', 'EC2.7  Encrypt'],
    ['a PCI name', 'pci-dss/v/3.2.1/PCI.EC2.5', 'EC2.13  Close'],
    ['a consolidated name', 'security-control/EC2.14', 'EC2.14  Close'],
  ])('finds a control by %s', async (_, name, start) => {
    expect((await explainCommand(name, {})).startsWith(start)).toBe(true);
  });
  it('prints what a person wants to know before the remediation runs', async () => {
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
  it.each([
    ['close-admin', ['ec2/close-admin-ports', 'ec2/close-admin-ports-of-acls']],
    ['admin-ports-of', ['ec2/close-admin-ports-of-acls']],
  ])('proposes the remediations whose names contain %s', async (name, proposed) => {
    const lines = proposed.map((each) => `  ${each}\n`).join('');
    await expect(explainCommand(name, {})).rejects.toThrow(`The nearest names:\n${lines}All of them`);
  });
  it('prints JSON for programs', async () => {
    const [entry] = JSON.parse(await explainCommand('EC2.7', { json: true }));
    expect(entry).toMatchObject({ control: 'EC2.7', global: false, cis: { '5.0': ['5.1.1'], '1.4': ['2.2.1'] } });
  });

  const POLICY = 'policy.yaml';
  const inTheShop = { policy: POLICY, account: '333333333333', ou: '/Workloads', severity: 'HIGH', tag: ['team=shop'] };

  it('says what a policy does with findings of a control, without a call to AWS', async () => {
    const page = await explainCommand('EC2.13', inTheShop);
    expect(page).toMatch(/^EC2\.13 {2}Close SSH/);
    expect(page).toMatch(/\nUnder policy\.yaml: EC2\.13 HIGH in account 333333333333 \/Workloads\nbecomes /);
    const [entry] = JSON.parse(await explainCommand('EC2.13', { ...inTheShop, json: true }));
    expect(entry).toMatchObject({ control: 'EC2.13', policy: { control: 'EC2.13', account: '333333333333' } });
    expect(definition.isOffline!(inTheShop, 'EC2.13')).toBe(true);
    expect(definition.isOffline!({}, 'EC2.13')).toBe(true);
  });
  it('asks the installation about an account, and about a finding', () => {
    expect(definition.isOffline!({ account: '333333333333' }, 'EC2.13')).toBe(false);
    for (const name of ['0f6e1a2b', 'arn:aws:securityhub:us-east-1:333333333333:security-control/EC2.13/finding/f'])
      expect(definition.isOffline!({}, name)).toBe(false);
  });
  it.each<[options: Parameters<typeof explainCommand>[1], name: string, message: string]>([
    [{ ...inTheShop, account: '12' }, 'EC2.13', '--account is "12": expected 12 digits'],
    [{ ...inTheShop, ou: 'Workloads' }, 'EC2.13', '--ou is "Workloads": expected the path of a unit'],
    [{ account: '333333333333', ou: '/Workloads' }, 'EC2.13', '--ou is for --policy'],
    [{ ...inTheShop, tag: ['=x'] }, 'EC2.13', '--tag is "=x": expected a key'],
    [{ account: '333333333333' }, '0f6e1a2b', '--account is for controls: 0f6e1a2b is the name of a finding'],
  ])('refuses %j for %s', async (options, name, message) => {
    await expect(explainCommand(name, options)).rejects.toThrow(message);
  });
});
