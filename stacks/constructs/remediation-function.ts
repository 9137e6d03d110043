/** A remediation's function, its own role, and the alias that only the proxy may invoke. */
import { Duration } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type Remediation, respondsToThreats } from '../../functions/contract/remediation.ts';
import { REMEDIATION_TAG } from '../../functions/domain/permissions.ts';
import type { SutureContext } from '../context.ts';
import {
  EXECUTION_ROLE_PATH,
  executionRoleName,
  JOURNAL_TABLE,
  LIVE,
  MEMBER_ROLE,
  memberRoleArn,
  proxyRoleArn,
  RESPONSE_EXECUTION_ROLE_PATH,
  RESPONSE_ROLE,
  ROLE_PATH,
  remediationFunctionName,
} from '../names.ts';
import { alarmTopicArn } from './alarms.ts';
import { type Bundles, SutureFunction } from './function.ts';
import { items, keyUse } from './role.ts';

export type RemediationFunctionOptions = {
  readonly remediation: Remediation;
  readonly context: SutureContext;
  readonly bundles: Bundles;
  readonly key: IKey;
};

export class RemediationFunction extends Construct {
  constructor(scope: Construct, id: string, { remediation, context, bundles, key }: RemediationFunctionOptions) {
    super(scope, id);
    const { partition, homeRegion: region, serviceAccount: account, organizationId, externalId } = context;
    const responds = respondsToThreats(remediation);
    const memberRole = responds ? RESPONSE_ROLE : MEMBER_ROLE;
    const handler = new SutureFunction(this, 'Remediation', {
      name: remediationFunctionName(remediation.id),
      description: remediation.title,
      place: { partition, account, region },
      bundles,
      key,
      role: {
        name: executionRoleName(remediation.id),
        path: responds ? RESPONSE_EXECUTION_ROLE_PATH : EXECUTION_ROLE_PATH,
        tags: { [REMEDIATION_TAG]: remediation.id },
      },
      timeout: Duration.minutes(5),
      environment: { JOURNAL_TABLE, MEMBER_ROLE: `${ROLE_PATH.slice(1)}${memberRole}`, EXTERNAL_ID: externalId },
      allows: [
        {
          actions: ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
          on: memberRoleArn(context, '*', memberRole),
          when: { StringEquals: { 'aws:ResourceOrgID': organizationId } },
          because: 'The member role of every account of the organization, and of no other',
        },
        items(
          `arn:${partition}:dynamodb:${region}:${account}:table/${JOURNAL_TABLE}`,
          ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
          [`${remediation.id}#*`],
        ),
        keyUse(key, region, ['Decrypt'], ['dynamodb']),
      ],
      topicArn: alarmTopicArn({ partition, account, region }),
      article: 'remediation-errors',
      errorsMean: `Attempts of ${remediation.id} failed. Its executions say in which account and why; most are tried again.`,
    });
    const live = new Alias(this, 'Live', { aliasName: LIVE, version: handler.function.currentVersion });
    live.addPermission('Proxy', { principal: new ArnPrincipal(proxyRoleArn(context)) });
  }
}
