import type { StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { MemberRolePart } from '../functions/domain/member-role-parts.ts';
import { SIGNERS } from '../functions/domain/signature.ts';
import { AccountDoctor } from './constructs/account-doctor.ts';
import { alarm, alarmTopic, alarmTopicArn } from './constructs/alarms.ts';
import type { Bundles } from './constructs/function.ts';
import { invokerRole } from './constructs/invoker-role.ts';
import { customerKey, signingKey } from './constructs/key.ts';
import { ownMetric } from './constructs/metrics.ts';
import { traceSamplingRule } from './constructs/sampling.ts';
import { SessionEvents } from './constructs/session-watch.ts';
import { type SutureContext, servicePlace } from './context.ts';
import { InstallationStack, signerRoleArn } from './names.ts';

export type ServiceStackProps = StackProps & {
  readonly context: SutureContext;
  /** The security account's key, which a trial uses for everything. */
  readonly securityKey: IKey;
  readonly bundles: Bundles;
  readonly parts: readonly MemberRolePart[];
};

/**
 * The first stack of the service account. In a trial, it has neither key nor alarm topic nor sampling rule:
 * SuturePolicy and SutureSecurity have those of the same account.
 */
export class ServiceStack extends InstallationStack {
  readonly key: IKey;

  constructor(scope: Construct, id: string, options: ServiceStackProps) {
    const { context, securityKey, bundles, parts, ...props } = options;
    super(scope, id, { ...props, context });
    const place = servicePlace(context);
    this.key = context.trial ? securityKey : customerKey(this, place);
    const topicArn = context.trial ? alarmTopicArn(place) : alarmTopic(this, place).topicArn;
    alarm(this, 'JournalDiffers', {
      name: 'journal-differs',
      metric: ownMetric(this, 'JournalDiffers'),
      means:
        'Somebody changed the journal: it differs from the locked copy of the state before a change. Suture refused to use it. The log of the remediation names the difference.',
      topicArn,
    });
    alarm(this, 'UnsignedRequests', {
      name: 'unsigned-requests',
      metric: ownMetric(this, 'UnsignedRequests'),
      means:
        "A remediation refused a request that triage, or the approval function, did not sign. After an update it may be an execution that an earlier release began; replay it. Otherwise somebody may have the proxy's credentials.",
      topicArn,
    });
    for (const signer of SIGNERS)
      signingKey(this, place, { signer, roleArn: signerRoleArn(context, signer), account: context.securityAccount });
    invokerRole(this, context);
    new AccountDoctor(this, 'AccountDoctor', { context, key: this.key, topicArn, bundles });
    if (context.trial) return;
    traceSamplingRule(this);
    new SessionEvents(this, 'SessionEvents', context, parts);
  }
}
