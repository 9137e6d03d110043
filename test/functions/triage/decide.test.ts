import { describe, expect, it } from 'vitest';
import { CIS_NAMES, OLDER_NAMES } from '../../../functions/domain/controls.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { handlerOf, type TriageFacts } from '../../../functions/triage/candidate.ts';
import { triage } from '../../../functions/triage/decide.ts';
import { eventOf, genuineFinding, SECURITY } from '../finding.ts';

const policy = SuturePolicy.parse({
  version: 1,
  controls: { 'EC2.13': 'auto', 'EC2.14': 'observe', 'EC2.7': { mode: 'auto', params: { surplus: true } } },
  suppressions: [
    {
      id: 'bastion',
      reason: 'a bastion host',
      owner: 'platform',
      expires: '2027-01-31',
      criteria: {
        control: 'EC2.13',
        resource: { prefix: 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-0ba5' },
      },
    },
  ],
});
const ORGANIZATION = {
  securityAccount: SECURITY,
  homeRegion: 'us-east-1',
  excluded: [SECURITY],
  status: 'ACTIVE' as string | undefined,
};
const KNOWN = { remediations: REMEDIATIONS, policy, organization: ORGANIZATION, today: '2026-11-22' };

type AnyObject = Record<string, any>;
const changedFinding = (change: (finding: AnyObject) => void): AnyObject => {
  const finding: AnyObject = structuredClone(genuineFinding());
  change(finding);
  return finding;
};
const verdictOn = (finding: unknown, more: Partial<TriageFacts> = {}, event: AnyObject = {}) =>
  triage({ ...eventOf(finding), ...event } as never, finding, { ...KNOWN, ...more });

describe('a finding that stands with its owner', () => {
  const ownersTurn = { toldAt: '2026-11-20T00:00:00.000Z' };
  const passed = (change: (finding: AnyObject) => void = () => undefined) =>
    changedFinding((it) => {
      it.Compliance.Status = 'PASSED';
      it.Workflow.Status = 'RESOLVED';
      change(it);
    });

  it('is only checked if its control passes or its resource is gone, whatever policy says', () => {
    const off = SuturePolicy.parse({ version: 1, controls: { 'EC2.13': 'off' } });
    const gone = changedFinding((it) => {
      it.RecordState = 'ARCHIVED';
    });
    for (const finding of [passed(), gone])
      for (const by of [policy, off])
        expect(verdictOn(finding, { ownersTurn, policy: by })).toMatchObject({
          route: 'remediate',
          work: { mode: 'plan', lookOnly: true, policy: { mode: 'observe', tags: {} } },
        });
  });
  it('is like any other while it fails, and is ignored if it passes and does not stand with its owner', () => {
    const failing = verdictOn(genuineFinding(), { ownersTurn });
    expect(failing.work).toMatchObject({ mode: 'apply' });
    expect(failing.work).not.toHaveProperty('lookOnly');
    expect(verdictOn(passed())).toMatchObject({ route: 'ignore', reason: 'Workflow.Status is RESOLVED' });
  });
  it('is rejected like any other if it is not genuine', () => {
    const forged = passed((it) => {
      it.ProductArn = 'arn:aws:securityhub:us-east-1:333333333333:product/333333333333/default';
    });
    expect(verdictOn(forged, { ownersTurn }).route).toBe('reject');
    expect(verdictOn(passed(), { ownersTurn }, { account: '333333333333' }).route).toBe('reject');
  });
});

describe('a genuine finding', () => {
  it('has in its work what the organization asks for beyond policy', () => {
    const finding = changedFinding((it) => {
      it.Compliance.SecurityControlId = 'EC2.18';
      it.GeneratorId = 'security-control/EC2.18';
      it.Compliance.SecurityControlParameters = [{ Name: 'authorizedTcpPorts', Value: ['443'] }];
    });
    const allowing = (authorizedTcpPorts: number[]) =>
      SuturePolicy.parse({ version: 1, controls: { 'EC2.18': { mode: 'auto', params: { authorizedTcpPorts } } } });
    const work = (ports: number[]) => verdictOn(finding, { policy: allowing(ports) }).work!;
    expect(work([443, 8443]).unmet).toContain('authorizedTcpPorts of EC2.18 is [443]');
    expect(work([443]).unmet).toBeUndefined();
    // Only policy decides the values to write.
    expect(work([443, 8443]).params).toEqual({ authorizedTcpPorts: [443, 8443], authorizedUdpPorts: [] });
  });
  it('is remediated with the target of its resource if policy says auto', () => {
    expect(verdictOn(genuineFinding())).toMatchObject({
      route: 'remediate',
      reason: 'ec2/close-admin-ports handles EC2.13; policy says auto for EC2.13',
      work: { remediation: 'ec2/close-admin-ports', mode: 'apply', target: { groupId: 'sg-0123456789abcdef0' } },
    });
  });
  it('is only planned if policy says observe', () => {
    const finding = changedFinding((it) => {
      it.Compliance.SecurityControlId = 'EC2.14';
      it.GeneratorId = 'security-control/EC2.14';
    });
    expect(verdictOn(finding).work?.mode).toBe('plan');
  });
  it('may be changed before it is approved, if policy names no mode and the risk depends on the change', () => {
    const unnamed = SuturePolicy.parse({ version: 1, controls: { 'EC2.13': null } });
    expect(verdictOn(genuineFinding(), { policy: unnamed })).toMatchObject({
      route: 'approve',
      work: { mode: 'plan', risk: 'disruptive', policy: { mode: 'approve', tags: {} } },
    });
    const remediations = REMEDIATIONS.map((each) => ({ ...each, riskOf: () => 'safe' as const }));
    expect(verdictOn(genuineFinding(), { policy: unnamed, remediations })).toMatchObject({
      route: 'remediate',
      work: { mode: 'apply', risk: 'disruptive', policy: { mode: 'approve', byRisk: true, tags: {} } },
    });
  });
  it('has the same lease for one resource, whatever control and remediation', () => {
    const other = changedFinding((it) => {
      it.Compliance.SecurityControlId = 'EC2.14';
      it.GeneratorId = 'security-control/EC2.14';
    });
    expect(verdictOn(other).work?.lease).toBe(verdictOn(genuineFinding()).work?.lease);
  });
  it('carries only what Suture uses', () => {
    const finding = changedFinding((it) => {
      it.Description = 'x'.repeat(200_000);
      it.Resources[0].Details.AwsEc2SecurityGroup.IpPermissions = Array.from({ length: 1000 }, (_, n) => ({
        FromPort: n,
      }));
    });
    expect(JSON.stringify(verdictOn(finding)).length).toBeLessThan(4_000);
  });
  it('records every check with its value', () => {
    const { checks } = verdictOn(genuineFinding());
    expect(checks.every(({ passed }) => passed)).toBe(true);
    expect(checks.map(({ check, value }) => `${check}: ${value}`)).toEqual(
      expect.arrayContaining([
        'event source: aws.securityhub',
        'state of the account: ACTIVE',
        'Workflow.Status: NEW',
        'control: EC2.13',
        'suppressions: none applies',
        'remediation: ec2/close-admin-ports',
        'policy: policy says auto for EC2.13',
        expect.stringContaining('target: AwsEc2SecurityGroup arn:'),
      ]),
    );
  });
  it('records last the check that rejected it', () => {
    const { checks, reason } = verdictOn(genuineFinding(), { organization: { ...ORGANIZATION, status: 'SUSPENDED' } });
    expect(checks.at(-1)).toEqual({ check: 'state of the account', value: 'SUSPENDED', passed: false });
    expect(checks.filter(({ passed }) => !passed)).toHaveLength(1);
    expect(reason).toContain('SUSPENDED');
  });
});

describe('a suppressed finding', () => {
  const bastion = changedFinding((it) => {
    it.Resources[0].Id = 'arn:aws:ec2:us-east-1:333333333333:security-group/sg-0ba57102';
  });
  it('is archived with a note that is the same for all findings of the rule', () => {
    const verdict = verdictOn(bastion);
    expect(verdict).toMatchObject({ route: 'archive', note: expect.stringContaining('rule bastion: a bastion host') });
    expect(verdict.note).not.toContain('sg-0ba5');
  });
  it('is remediated from the day after the rule expired', () => {
    expect(verdictOn(bastion, { today: '2027-01-31' }).route).toBe('archive');
    expect(verdictOn(bastion, { today: '2027-02-01' }).route).toBe('remediate');
  });
});

describe('a finding that is ignored', () => {
  const ignored: [name: string, finding: unknown, reason: RegExp][] = [
    [
      'is archived',
      changedFinding((it) => {
        it.RecordState = 'ARCHIVED';
      }),
      /RecordState is ARCHIVED/,
    ],
    [
      'was notified',
      changedFinding((it) => {
        it.Workflow.Status = 'NOTIFIED';
      }),
      /Workflow.Status is NOTIFIED/,
    ],
    [
      'passed',
      changedFinding((it) => {
        it.Compliance.Status = 'PASSED';
      }),
      /Compliance.Status is PASSED/,
    ],
    [
      'has no compliance',
      changedFinding((it) => {
        delete it.Compliance;
      }),
      /Compliance.Status is absent/,
    ],
    ['is of a control that nothing handles', control('CodeBuild.1'), /no remediation handles CodeBuild.1/],
    [
      'names its control in an unknown format',
      changedFinding((it) => {
        it.GeneratorId = 'something-else';
        delete it.Compliance.SecurityControlId;
      }),
      /not a format of control names/,
    ],
    [
      'has parameters in policy that its remediation does not take',
      control('EC2.7'),
      /parameters that ec2\/encrypt-ebs-by-default does not take/,
    ],
  ];
  it.each(ignored)('because it %s', (_, finding, reason) => {
    expect(verdictOn(finding)).toMatchObject({ route: 'ignore', reason: expect.stringMatching(reason) });
  });
  it.each<[product: string, finding: unknown]>([
    [
      'aws/guardduty',
      {
        Id: 'arn:aws:guardduty:us-east-1:333333333333:detector/1/finding/2',
        ProductArn: 'arn:aws:securityhub:us-east-1::product/aws/guardduty',
        GeneratorId: 'arn:aws:guardduty:us-east-1:333333333333:detector/1',
      },
    ],
    [
      'aws/inspector',
      { ProductArn: 'arn:aws:securityhub:eu-west-1::product/aws/inspector', GeneratorId: 'AWSInspector' },
    ],
    ['some-vendor/scanner', { ProductArn: 'arn:aws:securityhub:eu-west-1::product/some-vendor/scanner' }],
    [
      '333333333333/default',
      changedFinding((it) => {
        it.ProductArn = 'arn:aws:securityhub:us-east-1:333333333333:product/333333333333/default';
        it.GeneratorId = 'our-own-check';
        delete it.Compliance.SecurityControlId;
      }),
    ],
  ])('because it comes from %s', (product, finding) => {
    expect(verdictOn(finding)).toMatchObject({
      route: 'ignore',
      reason: `comes from ${product}; no remediation handles findings of that product`,
    });
  });
  it('because policy does not name its control', () => {
    const silent = SuturePolicy.parse({ version: 1, controls: {} });
    expect(verdictOn(genuineFinding(), { policy: silent })).toMatchObject({
      route: 'ignore',
      reason: 'policy does not name EC2.13',
    });
  });
  it('unless a custom action relaxes the workflow status', () => {
    const notified = changedFinding((it) => {
      it.Workflow.Status = 'NOTIFIED';
    });
    expect(verdictOn(notified, {}, { 'detail-type': 'Security Hub Findings - Custom Action' }).route).toBe('remediate');
  });
});

describe('a finding that is rejected', () => {
  const rejected: [name: string, finding: unknown, reason: RegExp][] = [
    ['is text', 'no finding', /is not a finding in ASFF/],
    ['is null', null, /is not a finding in ASFF/],
    [
      'lacks its account',
      changedFinding((it) => {
        delete it.AwsAccountId;
      }),
      /AwsAccountId/,
    ],
    [
      'names no resource',
      changedFinding((it) => {
        it.Resources = [];
      }),
      /names no resource/,
    ],
    ['names two resources', changedFinding((it) => void it.Resources.push(it.Resources[0])), /names 2 resources/],
    [
      'comes from another product',
      changedFinding((it) => {
        it.ProductArn = 'arn:aws:securityhub:us-east-1:333333333333:product/333333333333/default';
      }),
      /ProductArn/,
    ],
    [
      'belongs to another partition than the organization',
      changedFinding((it) => {
        it.ProductArn = 'arn:aws-cn:securityhub:us-east-1::product/aws/securityhub';
      }),
      /partition aws-cn, the organization of aws/,
    ],
    [
      'is in OCSF',
      { class_uid: 2003, metadata: { uid: 'finding-1', version: '1.5.0' }, finding_info: { title: 'open port' } },
      /is in OCSF/,
    ],
    [
      'comes from a lookalike product',
      changedFinding((it) => {
        it.ProductArn = 'arn:aws:securityhub:us-east-1:333333333333:product/x::product/aws/securityhub';
      }),
      /ProductArn/,
    ],
    [
      'has an account other than that of its id',
      changedFinding((it) => {
        it.AwsAccountId = '444444444444';
      }),
      /Id is of account 333333333333/,
    ],
    [
      'names a resource of another account',
      changedFinding((it) => {
        it.Resources[0].Id = 'arn:aws:ec2:us-east-1:444444444444:security-group/sg-1';
      }),
      /is of account 444444444444/,
    ],
    [
      'names a resource of another Region',
      changedFinding((it) => {
        it.Resources[0].Id = 'arn:aws:ec2:eu-west-1:333333333333:security-group/sg-1';
      }),
      /is of eu-west-1/,
    ],
    [
      'names a resource of another partition',
      changedFinding((it) => {
        it.Resources[0].Id = 'arn:aws-cn:ec2:us-east-1:333333333333:security-group/sg-1';
      }),
      /partition aws-cn/,
    ],
    [
      'names a Region that is a host',
      changedFinding((it) => {
        it.Resources[0].Region = 'evil.example/#';
      }),
      /Region/,
    ],
    [
      'has a wildcard for a name',
      changedFinding((it) => {
        it.Resources[0].Id = 'arn:aws:ec2:us-east-1:333333333333:security-group/*';
      }),
      /characters/,
    ],
    [
      'has a line break in a name',
      changedFinding((it) => {
        it.Resources[0].Id += '\n';
      }),
      /characters/,
    ],
    [
      'names a resource of another type',
      changedFinding((it) => {
        it.Resources[0].Type = 'AwsEc2Vpc';
      }),
      /is not AwsEc2SecurityGroup/,
    ],
    [
      'has control names that disagree',
      changedFinding((it) => {
        it.GeneratorId = 'security-control/EC2.7';
      }),
      /SecurityControlId says EC2.13/,
    ],
  ];
  it.each(rejected)('because it %s', (_, finding, reason) => {
    expect(verdictOn(finding)).toMatchObject({ route: 'reject', reason: expect.stringMatching(reason) });
  });

  const events: [name: string, event: AnyObject, reason: RegExp][] = [
    ['another source', { source: 'custom.app' }, /source "custom.app"/],
    ['another account', { account: '333333333333' }, /account 333333333333, not from the security account/],
    ['a Region that is not the home Region', { region: 'eu-west-1' }, /not from the home Region/],
    ['a detail-type of OCSF', { 'detail-type': 'Findings Imported V2' }, /is in OCSF/],
  ];
  it.each(events)('because its event comes from %s', (_, event, reason) => {
    expect(verdictOn(genuineFinding(), {}, event)).toMatchObject({
      route: 'reject',
      reason: expect.stringMatching(reason),
    });
  });

  const accounts: [name: string, organization: Partial<typeof KNOWN.organization>, reason: RegExp][] = [
    ['outside the organization', { status: undefined }, /not in the organization/],
    ['suspended', { status: 'SUSPENDED' }, /SUSPENDED/],
    ['excluded', { excluded: ['333333333333'] }, /excluded/],
  ];
  it('because its Region is not among those of the context', () => {
    const within = (...regions: string[]) =>
      verdictOn(genuineFinding(), { organization: { ...ORGANIZATION, regions } as typeof ORGANIZATION });
    expect(within('us-east-1', 'eu-west-1').route).not.toBe('ignore');
    expect(within('eu-west-1', 'eu-north-1')).toMatchObject({
      route: 'ignore',
      reason: "Region us-east-1 is not among the context's regions: eu-west-1, eu-north-1",
    });
  });

  it.each(accounts)('because its account is %s', (_, change, reason) => {
    const verdict = verdictOn(genuineFinding(), { organization: { ...ORGANIZATION, ...change } });
    expect(verdict).toMatchObject({ route: 'reject', reason: expect.stringMatching(reason) });
  });
});

describe('a requirement that stands for two controls', () => {
  const named = (resource: object) =>
    changedFinding((it) => {
      it.GeneratorId = 'cis-aws-foundations-benchmark/v/3.0.0/2.1.4';
      delete it.Compliance.SecurityControlId;
      it.Resources = [{ Partition: 'aws', Region: 'us-east-1', ...resource }];
    });
  const both = SuturePolicy.parse({ version: 1, controls: { 'S3.1': 'auto', 'S3.8': 'auto' } });
  it.each([
    ['S3.1', { Type: 'AwsAccount', Id: 'AWS::::Account:333333333333' }],
    ['S3.8', { Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::a-bucket' }],
  ])('is %s for the resource that its remediation takes', (control, resource) => {
    expect(verdictOn(named(resource), { policy: both }).finding.control).toBe(control);
  });

  it.each([
    ['CloudWatch.1', ['CloudWatch.1']],
    ['IAM.20', ['IAM.20']],
    ['CloudWatch.1', []],
  ])('is %s where %j is handled', (control, controls) => {
    const rootUse = changedFinding((it) => {
      it.GeneratorId = 'arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/1.1';
      delete it.Compliance.SecurityControlId;
    });
    const handling = [{ ...REMEDIATIONS[0]!, handles: { controls } }];
    expect(verdictOn(rootUse, { remediations: handling }).finding.control).toBe(control);
  });

  it('has a known resource type in each pair of handled controls', () => {
    const handled = (controls: readonly string[]) => controls.filter((name) => handlerOf(name, REMEDIATIONS));
    const pairs = Object.values({ ...CIS_NAMES, ...OLDER_NAMES })
      .map(handled)
      .filter(({ length }) => length > 1);
    expect([...new Set(pairs.map((pair) => pair.join(' ')))]).toEqual(['S3.1 S3.8']);
  });
});

function control(name: string): AnyObject {
  return changedFinding((it) => {
    it.Compliance.SecurityControlId = name;
    it.GeneratorId = `security-control/${name}`;
    if (name === 'EC2.7')
      it.Resources = [{ Type: 'AwsAccount', Id: 'AWS::::Account:333333333333', Partition: 'aws', Region: 'us-east-1' }];
  });
}
