/**
 * A remediation's function, its own role, and the alias that the invoker role invokes for the proxy. A remediation that
 * declares `undoes` has a second function and role for rollbacks: a function has one role, whatever its version or
 * alias. The functions have no alarms: only the proxy invokes them, and throws their errors again
 * (docs/decisions/0146).
 */
import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { type MemberRolePart, nameOfPart } from '../../functions/domain/member-role-parts.ts';
import { LIVE, namesOf, remediationFunctionId, rollbackFunctionId } from '../../functions/domain/names.ts';
import { REMEDIATION_TAG, rollsBackApart } from '../../functions/domain/permissions.ts';
import { SIGNERS } from '../../functions/domain/signature.ts';
import { hyphenated } from '../../functions/domain/trace.ts';
import { type SutureContext, servicePlace } from '../context.ts';
import { copiesBucket, memberRoleArn, signingKeyArn } from '../names.ts';
import { type Bundles, SutureFunction } from './function.ts';
import { type Allowance, items, keyUse, sessionsOf, signatureUse } from './role.ts';

export type RemediationFunctionOptions = {
  readonly remediation: Remediation;
  readonly part: Pick<MemberRolePart, 'suffix' | 'responds'>;
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
    const { remediation, part, context } = options;
    const names = namesOf(context);
    const { suffix, responds } = part;
    const isApart = rollsBackApart(remediation);
    this.add('Remediation', 'Live', options, {
      name: remediationFunctionId(remediation.id),
      description: remediation.title,
      role: {
        name: hyphenated(remediation.id),
        path: nameOfPart(responds ? names.responseExecutionRolePath : names.executionRolePath, suffix),
      },
      modes: isApart ? 'plan apply' : 'plan apply rollback',
    });
    if (!isApart) return;
    const name = rollbackFunctionId(remediation.id);
    this.add('Rollback', 'LiveRollback', options, {
      name,
      description: `Rollback: ${remediation.title}`,
      role: { name, path: nameOfPart(responds ? names.responseRollbackRolePath : names.rollbackRolePath, suffix) },
      modes: 'rollback',
    });
  }

  private add(id: string, aliasId: string, options: RemediationFunctionOptions, kind: FunctionKind): void {
    const { remediation, part, context, bundles, key } = options;
    const { externalId } = context;
    const { name, description, role, modes } = kind;
    const names = namesOf(context);
    const memberRole = nameOfPart(part.responds ? names.responseRole : names.memberRole, part.suffix);
    const handler = new SutureFunction(this, id, {
      name,
      description,
      place: servicePlace(context),
      bundles: () => bundles(remediationFunctionId(remediation.id)),
      key,
      role: { ...role, tags: { [REMEDIATION_TAG]: remediation.id } },
      timeout: Duration.minutes(5),
      environment: {
        JOURNAL_TABLE: names.journalTable,
        COPIES_BUCKET: copiesBucket(context),
        MEMBER_ROLE: `${names.rolePath.slice(1)}${memberRole}`,
        EXTERNAL_ID: externalId,
        MODES: modes,
        TRIAGE_KEY: signingKeyArn(context, 'triage'),
        APPROVALS_KEY: signingKeyArn(context, 'approvals'),
      },
      allows: [...allowancesOf(options, memberRole), ...copiesAllowances(options, modes.includes('apply'))],
    });
    new Alias(this, aliasId, { aliasName: LIVE, version: handler.function.currentVersion });
  }
}

function allowancesOf({ remediation, context, key }: RemediationFunctionOptions, memberRole: string): Allowance[] {
  const { partition, homeRegion: region, serviceAccount: account } = context;
  return [
    ...sessionsOf(
      memberRoleArn(context, context.trial ? account : '*', memberRole),
      context,
      'The member role of every account of the organization, and of no other',
    ),
    items(
      `arn:${partition}:dynamodb:${region}:${account}:table/${namesOf(context).journalTable}`,
      ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
      [`${remediation.id}#*`],
    ),
    keyUse(key, region, ['Decrypt'], ['dynamodb']),
    signatureUse(context, 'VerifyMac', SIGNERS),
  ];
}

/** Lets a function read the copies below the remediation's own name, and write them only if it applies changes. */
function copiesAllowances({ remediation, context, key }: RemediationFunctionOptions, applies: boolean): Allowance[] {
  const { partition, homeRegion } = context;
  const bucket = `arn:${partition}:s3:::${copiesBucket(context)}`;
  const because = "Objects below the remediation's own name, one for each change";
  return [
    ...(applies ? [{ actions: ['s3:PutObject'], on: `${bucket}/${remediation.id}/*`, because }] : []),
    { actions: ['s3:GetObjectVersion'], on: `${bucket}/${remediation.id}/*`, because },
    {
      actions: ['s3:ListBucketVersions'],
      on: bucket,
      when: { StringLike: { 's3:prefix': `${remediation.id}/*` } },
    },
    keyUse(key, homeRegion, applies ? ['Decrypt', 'GenerateDataKey'] : ['Decrypt'], ['s3']),
  ];
}
