/** Names and ARNs that other accounts, stacks or functions refer to. `functions/domain/names.ts` computes the names. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { dnsSuffix, type InstallationId, LIVE, type Names, namesOf } from '../functions/domain/names.ts';
import type { SigningFunction } from '../functions/domain/signature.ts';
import type { SutureContext } from './context.ts';

const PREFIX_KEY = 'suture:installation';

/** A stack of an installation, whose prefix its constructs use. */
export class InstallationStack extends Stack {
  constructor(scope: Construct, id: string, { context, ...props }: StackProps & { readonly context: InstallationId }) {
    super(scope, id, props);
    this.node.setContext(PREFIX_KEY, context.prefix);
  }
}

/**
 * Returns the names of the installation to which `scope` belongs.
 * @throws Error outside of an InstallationStack
 */
export function namesIn(scope: Construct): Names {
  const prefix: string | undefined = scope.node.tryGetContext(PREFIX_KEY);
  if (prefix === undefined) throw new Error(`${scope.node.path} is not in an InstallationStack, which has the prefix.`);
  return namesOf({ prefix });
}

export const copiesBucket = (context: SutureContext) =>
  namesOf(context).copiesBucket(context.serviceAccount, context.homeRegion);
export const auditBucket = (context: SutureContext) =>
  namesOf(context).auditBucket(context.securityAccount, context.homeRegion);

/** Returns the ARN of the action that `aws securityhub create-action-target` creates later. */
export const customActionArn = (context: SutureContext) =>
  `arn:${context.partition}:securityhub:${context.homeRegion}:${context.securityAccount}:action/custom/${namesOf(context).customAction}`;
export const stateMachineArn = (context: SutureContext, name = namesOf(context).stateMachine) =>
  `arn:${context.partition}:states:${context.homeRegion}:${context.securityAccount}:stateMachine:${name}`;
export const approvalMachineArn = (context: SutureContext) =>
  stateMachineArn(context, namesOf(context).approvalMachine);
export const workflowRoleArn = (context: SutureContext, name = namesOf(context).stateMachine) =>
  ownRoleArn({ ...context, account: context.securityAccount }, name);
export const ownRoleArn = (
  { partition, account, prefix }: InstallationId & { readonly partition: string; readonly account: string },
  name: string,
) => `arn:${partition}:iam::${account}:role${namesOf({ prefix }).rolePath}${name}`;
/** Tag of the doctor's role in the service account. No remediation has this id, so its sessions may do nothing. */
export const DOCTOR_TAG = 'doctor';
export const accountDoctorArn = (context: SutureContext) =>
  `arn:${context.partition}:lambda:${context.homeRegion}:${context.serviceAccount}:function:${namesOf(context).function('account-doctor')}`;
/** Returns the doctor's role in the service account, which is below the path that the member role trusts. */
export const doctorRoleArn = (context: SutureContext) =>
  `arn:${context.partition}:iam::${context.serviceAccount}:role${namesOf(context).executionRolePath}${namesOf(context).function('account-doctor')}`;
export const invokerRoleArn = (context: SutureContext) =>
  ownRoleArn({ ...context, account: context.serviceAccount }, namesOf(context).invokerRole);
/** Returns the ARN of a key's alias, because keys have no names. Calls from other accounts need the whole ARN. */
export const signingKeyArn = (context: SutureContext, signer: SigningFunction) =>
  `arn:${context.partition}:kms:${context.homeRegion}:${context.serviceAccount}:${namesOf(context).signingKeyAlias(signer)}`;
/** Returns the role that alone signs with the key. */
export const signerRoleArn = (context: SutureContext, signer: SigningFunction) =>
  ownRoleArn({ ...context, account: context.securityAccount }, namesOf(context).function(signer));
export const proxyRoleArn = (context: SutureContext) =>
  ownRoleArn({ ...context, account: context.securityAccount }, namesOf(context).proxyRole);
/** Returns the role of an account, or with `*` a pattern for all accounts. */
export const memberRoleArn = (context: SutureContext, account: string, role: string = namesOf(context).memberRole) =>
  ownRoleArn({ ...context, account }, role);
export const ipRangesMemberRoleArn = (context: SutureContext, account: string) =>
  memberRoleArn(context, account, namesOf(context).ipRangesMemberRole);
export const remediationAliasArns = (context: SutureContext) =>
  [namesOf(context).remediationFunction('*'), namesOf(context).rollbackFunction('*')].map(
    (name) =>
      `arn:${context.partition}:lambda:${context.homeRegion}:${context.serviceAccount}:function:${name}:${LIVE}`,
  );

export const homeTableArn = (
  { partition, region, account }: { readonly partition: string; readonly region: string; readonly account: string },
  name: string,
) => `arn:${partition}:dynamodb:${region}:${account}:table/${name}`;

/** Values of `kms:ViaService`. In China both domains, because AWS documents only one. */
export const viaService = (service: string, region: string): string[] =>
  [...new Set(['amazonaws.com', dnsSuffix(region)])].map((suffix) => `${service}.${region}.${suffix}`);
