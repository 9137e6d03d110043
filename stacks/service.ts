import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { alarmTopic } from './constructs/alarms.ts';
import { customerKey } from './constructs/key.ts';
import { traceSamplingRule } from './constructs/sampling.ts';
import { SessionEvents } from './constructs/session-watch.ts';
import { retainedTable } from './constructs/table.ts';
import type { SutureContext } from './context.ts';
import { JOURNAL_TABLE } from './names.ts';

export class ServiceStack extends Stack {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { context, ...props }: StackProps & { readonly context: SutureContext }) {
    super(scope, id, props);
    const place = { partition: context.partition, account: context.serviceAccount, region: context.homeRegion };
    this.key = customerKey(this, place);
    alarmTopic(this, place, this.key);
    retainedTable(this, 'Journal', JOURNAL_TABLE, this.key);
    traceSamplingRule(this);
    new SessionEvents(this, 'SessionEvents', context);
  }
}
