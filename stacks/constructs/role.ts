/** Roles with their whole policy inside: nothing is granted from elsewhere, and each wildcard carries its reason. */
import { Duration, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ROLE_PATH, viaService } from '../names.ts';

export type Allowance = {
  readonly actions: readonly string[];
  readonly on: string | readonly string[];
  readonly when?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Required for a wildcard: why nothing narrower works. It becomes the acknowledgement of cdk-nag's finding. */
  readonly because?: string;
};

export type RoleOptions = {
  readonly name: string;
  readonly path?: string;
  readonly description: string;
  /** The service that assumes it, such as `lambda.amazonaws.com`. */
  readonly service: string;
  /** Conditions on that service's AssumeRole. */
  readonly when?: Allowance['when'];
  readonly allows: readonly Allowance[];
};

/** A role that no construct can widen: what its options say is all it may do. */
export function fixedRole(scope: Construct, id: string, options: RoleOptions): IRole {
  const { name, path = ROLE_PATH, description, service, when, allows } = options;
  const role = new Role(scope, id, {
    roleName: name,
    path,
    description,
    assumedBy: new ServicePrincipal(service, { conditions: when }),
    maxSessionDuration: Duration.hours(1),
    inlinePolicies: { permissions: new PolicyDocument({ statements: allows.map(statement) }) },
  });
  for (const allowance of allows) acknowledgeWildcards(role, allowance);
  return role.withoutPolicyUpdates();
}

export const statement = ({ actions, on, when }: Allowance) =>
  new PolicyStatement({ actions: [...actions], resources: [on].flat(), conditions: when });

/** Tells cdk-nag the reason of each wildcard in what this role may do. */
export function acknowledgeWildcards(role: Construct, { actions, on, because }: Allowance): void {
  if (because === undefined) return;
  const wildcards = [
    ...actions.filter((action) => action.includes('*')).map((action) => `Action::${action}`),
    ...[on].flat().flatMap((resource) => (resource.includes('*') ? [`Resource::${resource}`] : [])),
  ];
  for (const wildcard of wildcards)
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${wildcard}]`, reason: because });
}

/** Items of a table, or of its index, whose partition keys look like these. */
export const items = (
  table: string | readonly string[],
  actions: readonly string[],
  keys: readonly string[],
): Allowance => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  on: table,
  when: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
});

/** The use of a customer key by way of these services, such as `sqs`, and in no other way. */
export const keyUse = (
  key: IKey,
  region: string,
  actions: readonly string[],
  services: readonly string[],
): Allowance => ({
  actions: actions.map((action) => `kms:${action}`),
  on: key.keyArn,
  when: { StringEquals: { 'kms:ViaService': services.flatMap((service) => viaService(service, region)) } },
});

export const TRACING: Allowance = {
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  on: '*',
  because: 'X-Ray takes no resource for writing traces',
};
