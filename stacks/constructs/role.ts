/** Roles with inline policies only: no other construct grants them anything, and each wildcard has a reason. */
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  Effect,
  type IRole,
  PolicyDocument,
  PolicyStatement,
  type PrincipalBase,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { namesOf } from '../../functions/domain/names.ts';
import type { SigningFunction } from '../../functions/domain/signature.ts';
import type { SutureContext } from '../context.ts';
import { namesIn, viaService } from '../names.ts';

export type Allowance = {
  readonly actions: readonly string[];
  readonly on: string | readonly string[];
  readonly when?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Required for a wildcard: why nothing narrower works. Acknowledges cdk-nag's finding. */
  readonly because?: string;
};

export type RoleOptions = {
  /** Without the prefix. */
  readonly name: string;
  readonly path?: string;
  readonly description: string;
  readonly when?: Allowance['when'];
  readonly allows: readonly Allowance[];
  /** Takes precedence over every policy that allows. */
  readonly denies?: readonly Allowance[];
} & Trusted;

/** An account is trusted with conditions only. */
type Trusted =
  | { readonly service: string }
  | { readonly account: string; readonly when: NonNullable<Allowance['when']> };

/** `roleId`: the unique id, which a role that is created again does not keep. */
export type FixedRole = IRole & { readonly roleId: string };

export function fixedRole(scope: Construct, id: string, options: RoleOptions): FixedRole {
  const names = namesIn(scope);
  const { name, path = names.rolePath, description, allows, denies = [] } = options;
  const statements = [...allows.map((each) => statement(each)), ...denies.map((each) => statement(each, Effect.DENY))];
  const role = new Role(scope, id, {
    roleName: names.own(name),
    path,
    description,
    assumedBy: trustedPrincipal(options),
    maxSessionDuration: Duration.hours(1),
    inlinePolicies: { permissions: new PolicyDocument({ statements }) },
  });
  for (const allowance of allows) acknowledgeWildcards(role, allowance);
  return Object.assign(role.withoutPolicyUpdates(), { roleId: role.roleId });
}

function trustedPrincipal(options: RoleOptions): PrincipalBase {
  if ('service' in options) return new ServicePrincipal(options.service, { conditions: options.when });
  return new AccountPrincipal(options.account).withConditions(options.when);
}

export const statement = ({ actions, on, when }: Allowance, effect = Effect.ALLOW) =>
  new PolicyStatement({ effect, actions: [...actions], resources: [on].flat(), conditions: when });

export function acknowledgeWildcards(role: Construct, { actions, on, because }: Allowance): void {
  if (because === undefined) return;
  const wildcards = [
    ...actions.filter((action) => action.includes('*')).map((action) => `Action::${action}`),
    ...[on].flat().flatMap((resource) => (resource.includes('*') ? [`Resource::${nagName(role, resource)}`] : [])),
  ];
  for (const wildcard of wildcards)
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${wildcard}]`, reason: because });
}

/** cdk-nag shows a reference to a resource of the template as its logical id, and an import as its export name. */
function nagName(role: Construct, resource: string): string {
  type Part = string | { readonly Ref: string } | { readonly 'Fn::ImportValue': string };
  const resolved: string | { readonly 'Fn::Join': readonly [string, readonly Part[]] } =
    Stack.of(role).resolve(resource);
  if (typeof resolved === 'string') return resolved;
  const shown = (part: Part) => {
    if (typeof part === 'string') return part;
    return 'Ref' in part ? `<${part.Ref}>` : part['Fn::ImportValue'];
  };
  return resolved['Fn::Join'][1].map(shown).join('');
}

/**
 * Allows opening tagged sessions with a source identity. Only AssumeRole looks at the organization of the role: the
 * other two are permissions without an operation, for which AWS documents no resource's organization.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
export const sessionsOf = (
  roles: string | readonly string[],
  { trial, organizationId, serviceAccount }: SutureContext,
  because?: string,
): Allowance[] => [
  {
    actions: ['sts:AssumeRole'],
    on: roles,
    when: {
      StringEquals: trial ? { 'aws:ResourceAccount': serviceAccount } : { 'aws:ResourceOrgID': organizationId },
    },
    because,
  },
  { actions: ['sts:SetSourceIdentity', 'sts:TagSession'], on: roles, because },
];

/** Allows actions on the items whose partition keys match one of `keys`, in which `*` stands for any text. */
export const items = (
  table: string | readonly string[],
  actions: readonly string[],
  keys: readonly string[],
): Allowance => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  on: table,
  when: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
});

/** Allows the customer key only through these services, such as `sqs`. */
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

/** Allows signing, or verifying, with the keys of these signers, by their aliases alone. */
export const signatureUse = (
  context: SutureContext,
  action: 'GenerateMac' | 'VerifyMac',
  signers: readonly SigningFunction[],
): Allowance => ({
  actions: [`kms:${action}`],
  on: `arn:${context.partition}:kms:${context.homeRegion}:${context.serviceAccount}:key/*`,
  when: { StringEquals: { 'kms:RequestAlias': signers.map((signer) => namesOf(context).signingKeyAlias(signer)) } },
  because: 'KMS gives keys their ids; the condition names the alias',
});

export const TRACING: Allowance = {
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  on: '*',
  because: 'X-Ray takes no resource for writing traces',
};
