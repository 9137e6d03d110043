import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { alarm, alarmTopic } from './constructs/alarms.ts';
import { customerKey } from './constructs/key.ts';
import { ownMetric } from './constructs/metrics.ts';
import { traceSamplingRule } from './constructs/sampling.ts';
import { SessionEvents } from './constructs/session-watch.ts';
import { type SutureContext, servicePlace } from './context.ts';

export class ServiceStack extends Stack {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { context, ...props }: StackProps & { readonly context: SutureContext }) {
    super(scope, id, props);
    const place = servicePlace(context);
    this.key = customerKey(this, place);
    const { topicArn } = alarmTopic(this, place, this.key);
    alarm(this, 'JournalDiffers', {
      name: 'journal-differs',
      metric: ownMetric('JournalDiffers'),
      means:
        'Somebody changed the journal: it differs from the locked copy of the state before a change. Suture refused to use it. The log of the remediation names the difference.',
      topicArn,
    });
    traceSamplingRule(this);
    new SessionEvents(this, 'SessionEvents', context);
  }
}
