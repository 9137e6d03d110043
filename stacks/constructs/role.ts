/** Roles with inline policies only: no other construct grants them anything, and each wildcard has a reason. */
import { Duration, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { ROLE_PATH, viaService } from '../names.ts';

export type Allowance = {
  readonly actions: readonly string[];
  readonly on: string | readonly string[];
  readonly when?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Required for a wildcard: why nothing narrower works. Becomes the acknowledgement of cdk-nag's finding. */
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

/** Creates a role that no other construct can extend. */
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

/** Acknowledges cdk-nag's finding for each wildcard, with its reason. */
export function acknowledgeWildcards(role: Construct, { actions, on, because }: Allowance): void {
  if (because === undefined) return;
  const wildcards = [
    ...actions.filter((action) => action.includes('*')).map((action) => `Action::${action}`),
    ...[on].flat().flatMap((resource) => (resource.includes('*') ? [`Resource::${resource}`] : [])),
  ];
  for (const wildcard of wildcards)
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${wildcard}]`, reason: because });
}

/** Returns the permission on items whose partition keys match these patterns. */
export const items = (
  table: string | readonly string[],
  actions: readonly string[],
  keys: readonly string[],
): Allowance => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  on: table,
  when: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
});

/** Returns the permission to use a customer key through these services, such as `sqs`, only. */
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
