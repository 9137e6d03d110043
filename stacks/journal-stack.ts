import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { lockedBucket } from './constructs/locked-bucket.ts';
import { retainedTable } from './constructs/table.ts';
import { type SutureContext, servicePlace } from './context.ts';
import { copiesBucket, EXECUTION_ROLE_PATH, JOURNAL_TABLE, RESPONSE_EXECUTION_ROLE_PATH } from './names.ts';

export type JournalStackProps = StackProps & { readonly context: SutureContext; readonly key: IKey };

/** The locked bucket and then the journal: nothing fails after the table. */
export class JournalStack extends Stack {
  constructor(scope: Construct, id: string, { context, key, ...props }: JournalStackProps) {
    super(scope, id, props);
    const { partition, account } = servicePlace(context);
    const copies = lockedBucket(this, 'Copies', {
      name: copiesBucket(context),
      key,
      writers: [EXECUTION_ROLE_PATH, RESPONSE_EXECUTION_ROLE_PATH].map(
        (path) => `arn:${partition}:iam::${account}:role${path}*`,
      ),
    });
    retainedTable(this, 'Journal', JOURNAL_TABLE, key).node.addDependency(copies);
  }
}
