import type { StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type MemberRolePart, namesOfParts } from '../functions/domain/member-role-parts.ts';
import { lockedBucket } from './constructs/locked-bucket.ts';
import { retainedTable } from './constructs/table.ts';
import { type SutureContext, servicePlace } from './context.ts';
import { copiesBucket, InstallationStack, namesIn } from './names.ts';

/** Copies are locked for the shortest time, because nobody keeps a trial. */
const TRIAL_LOCK_DAYS = 1;

export type JournalStackProps = StackProps & {
  readonly context: SutureContext;
  readonly key: IKey;
  readonly parts: readonly MemberRolePart[];
};

/** The locked bucket, then the journal: nothing is created after the table, so a failed deployment leaves no table. */
export class JournalStack extends InstallationStack {
  constructor(scope: Construct, id: string, { context, key, parts, ...props }: JournalStackProps) {
    super(scope, id, { ...props, context });
    const { partition, account } = servicePlace(context);
    const names = namesIn(this);
    const copies = lockedBucket(this, 'Copies', {
      name: copiesBucket(context),
      key,
      ...(context.trial && { days: TRIAL_LOCK_DAYS }),
      writers: namesOfParts([names.executionRolePath, names.responseExecutionRolePath], parts).map(
        (path) => `arn:${partition}:iam::${account}:role${path}*`,
      ),
    });
    retainedTable(this, 'Journal', names.journalTable, key).node.addDependency(copies);
  }
}
