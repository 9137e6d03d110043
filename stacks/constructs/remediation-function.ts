/**
 * A remediation's function, its own role, and the alias that only the proxy may invoke. A remediation that declares
 * `undoes` has a second function and role for rollbacks: a function has one role, whatever its version or alias.
 * The functions have no alarms: only the proxy invokes them, and throws whatever they throw (docs/decisions/0146).
 */
import { Duration } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type Remediation, respondsToThreats } from '../../functions/contract/remediation.ts';
import { REMEDIATION_TAG, rollsBackApart } from '../../functions/domain/permissions.ts';
import type { SutureContext } from '../context.ts';
import {
  copiesBucket,
  EXECUTION_ROLE_PATH,
  executionRoleName,
  JOURNAL_TABLE,
  LIVE,
  MEMBER_ROLE,
  memberRoleArn,
  proxyRoleArn,
  RESPONSE_EXECUTION_ROLE_PATH,
  RESPONSE_ROLE,
  RESPONSE_ROLLBACK_ROLE_PATH,
  ROLE_PATH,
  ROLLBACK_ROLE_PATH,
  remediationFunctionName,
  rollbackFunctionName,
} from '../names.ts';
import { type Bundles, SutureFunction } from './function.ts';
import { type Allowance, items, keyUse, sessionsOf } from './role.ts';

export type RemediationFunctionOptions = {
  readonly remediation: Remediation;
  readonly context: SutureContext;
  readonly bundles: Bundles;
  readonly key: IKey;
};

/** One of a remediation's functions. */
type FunctionKind = {
  readonly name: string;
  readonly description: string;
  readonly role: { readonly name: string; readonly path: string };
  /** Modes of requests that it runs. */
  readonly modes: string;
};

export class RemediationFunction extends Construct {
  constructor(scope: Construct, id: string, options: RemediationFunctionOptions) {
    super(scope, id);
    const { remediation } = options;
    const responds = respondsToThreats(remediation);
    const isApart = rollsBackApart(remediation);
    this.add('Remediation', 'Live', options, {
      name: remediationFunctionName(remediation.id),
      description: remediation.title,
      role: {
        name: executionRoleName(remediation.id),
        path: responds ? RESPONSE_EXECUTION_ROLE_PATH : EXECUTION_ROLE_PATH,
      },
      modes: isApart ? 'plan apply' : 'plan apply rollback',
    });
    if (!isApart) return;
    const name = rollbackFunctionName(remediation.id);
    this.add('Rollback', 'LiveRollback', options, {
      name,
      description: `Rollback: ${remediation.title}`,
      role: { name, path: responds ? RESPONSE_ROLLBACK_ROLE_PATH : ROLLBACK_ROLE_PATH },
      modes: 'rollback',
    });
  }

  private add(id: string, aliasId: string, options: RemediationFunctionOptions, kind: FunctionKind): void {
    const { remediation, context, bundles, key } = options;
    const { partition, homeRegion: region, serviceAccount: account, externalId } = context;
    const { name, description, role, modes } = kind;
    const memberRole = respondsToThreats(remediation) ? RESPONSE_ROLE : MEMBER_ROLE;
    const handler = new SutureFunction(this, id, {
      name,
      description,
      place: { partition, account, region },
      bundles: () => bundles(remediationFunctionName(remediation.id)),
      key,
      role: { ...role, tags: { [REMEDIATION_TAG]: remediation.id } },
      timeout: Duration.minutes(5),
      environment: {
        JOURNAL_TABLE,
        COPIES_BUCKET: copiesBucket(context),
        MEMBER_ROLE: `${ROLE_PATH.slice(1)}${memberRole}`,
        EXTERNAL_ID: externalId,
        MODES: modes,
      },
      allows: [...allowancesOf(options, memberRole), ...copiesAllowances(options, modes.includes('apply'))],
    });
    const live = new Alias(this, aliasId, { aliasName: LIVE, version: handler.function.currentVersion });
    live.addPermission('Proxy', { principal: new ArnPrincipal(proxyRoleArn(context)) });
  }
}

function allowancesOf({ remediation, context, key }: RemediationFunctionOptions, memberRole: string): Allowance[] {
  const { partition, homeRegion: region, serviceAccount: account, organizationId } = context;
  return [
    ...sessionsOf(
      memberRoleArn(context, '*', memberRole),
      organizationId,
      'The member role of every account of the organization, and of no other',
    ),
    items(
      `arn:${partition}:dynamodb:${region}:${account}:table/${JOURNAL_TABLE}`,
      ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
      [`${remediation.id}#*`],
    ),
    keyUse(key, region, ['Decrypt'], ['dynamodb']),
  ];
}

/** Copies below the remediation's own name: only what applies keeps them, everybody else reads. */
function copiesAllowances({ remediation, context, key }: RemediationFunctionOptions, keeps: boolean): Allowance[] {
  const { partition, homeRegion } = context;
  const bucket = `arn:${partition}:s3:::${copiesBucket(context)}`;
  const because = "Objects below the remediation's own name, one for each change";
  return [
    ...(keeps ? [{ actions: ['s3:PutObject'], on: `${bucket}/${remediation.id}/*`, because }] : []),
    { actions: ['s3:GetObjectVersion'], on: `${bucket}/${remediation.id}/*`, because },
    {
      actions: ['s3:ListBucketVersions'],
      on: bucket,
      when: { StringLike: { 's3:prefix': `${remediation.id}/*` } },
    },
    keyUse(key, homeRegion, keeps ? ['Decrypt', 'GenerateDataKey'] : ['Decrypt'], ['s3']),
  ];
}
