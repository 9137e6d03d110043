import { describe, expect, it } from 'vitest';
import { explainCommand } from '../../../cli/commands/explain.ts';

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
  it('prints JSON for programs', async () => {
    const [entry] = JSON.parse(await explainCommand('EC2.7', { json: true }));
    expect(entry).toMatchObject({ control: 'EC2.7', global: false, cis: { '5.0': ['5.1.1'], '1.4': ['2.2.1'] } });
  });
});
