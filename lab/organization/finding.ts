import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { type FindingResource, parseTarget, type Remediation } from '../../functions/contract/remediation.ts';
import { journalKey } from '../../functions/domain/journal.ts';
import { partitionOf } from '../../stacks/regions.ts';

export type ControlFindingInput = {
  readonly control: string;
  readonly account: string;
  readonly region: string;
  readonly resource: FindingResource;
  readonly name: string;
  readonly title?: string;
  readonly at: Date;
};

export type ControlFinding = Omit<AwsSecurityFinding, 'Resources'> & {
  readonly Id: string;
  readonly AwsAccountId: string;
  readonly Resources: FindingResource[];
  readonly Compliance: NonNullable<AwsSecurityFinding['Compliance']>;
};

/**
 * Returns the finding as a single standard reports it if consolidated control findings are off: with its generator id
 * (`cis-aws-foundations-benchmark/v/1.4.0/2.2.1`) and without SecurityControlId.
 */
export function asStandardFinding(finding: ControlFinding, generatorId: string): ControlFinding {
  const { SecurityControlId: _, AssociatedStandards: __, ...Compliance } = finding.Compliance;
  const rule = generatorId.replace('arn:aws:securityhub:::ruleset/', '').replace('/rule/', '/');
  const [arn, name] = finding.Id.split(/:security-control\/[^/]+\/finding\//) as [string, string];
  return { ...finding, GeneratorId: generatorId, Id: `${arn}:subscription/${rule}/finding/${name}`, Compliance };
}

export function journalKeyOf(
  module: Pick<Remediation, 'id' | 'target' | 'alias' | 'global'>,
  { AwsAccountId: account, ProductArn, Region, Resources: [resource] }: ControlFinding,
): string {
  const [, partition = 'aws', , productRegion = ''] = ProductArn?.split(':') ?? [];
  const region = resource!.Region ?? Region ?? productRegion;
  return journalKey(module, { partition, account, region }, parseTarget(module, resource!).data!);
}

export function controlFinding({
  control,
  account,
  region,
  resource,
  name,
  title,
  at,
}: ControlFindingInput): ControlFinding {
  const time = at.toISOString();
  const partition = partitionOf(region);
  return {
    SchemaVersion: '2018-10-08',
    Id: `arn:${partition}:securityhub:${region}:${account}:security-control/${control}/finding/${name}`,
    ProductArn: `arn:${partition}:securityhub:${region}::product/aws/securityhub`,
    ProductName: 'Security Hub',
    CompanyName: 'AWS',
    Region: region,
    GeneratorId: `security-control/${control}`,
    AwsAccountId: account,
    Types: ['Software and Configuration Checks/Industry and Regulatory Standards'],
    FirstObservedAt: time,
    LastObservedAt: time,
    CreatedAt: time,
    UpdatedAt: time,
    Severity: { Label: 'HIGH', Normalized: 70, Original: 'HIGH' },
    Title: title ?? `${control} failed`,
    Description: `This control checks what ${control} describes.`,
    ProductFields: { 'aws/securityhub/ProductName': 'Security Hub', 'aws/securityhub/CompanyName': 'AWS' },
    Resources: [resource],
    Compliance: {
      Status: 'FAILED',
      SecurityControlId: control,
      AssociatedStandards: [{ StandardsId: 'standards/aws-foundational-security-best-practices/v/1.0.0' }],
    },
    WorkflowState: 'NEW',
    Workflow: { Status: 'NEW' },
    RecordState: 'ACTIVE',
  };
}
