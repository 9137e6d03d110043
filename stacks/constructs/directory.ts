import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { CONTACT } from '../../functions/domain/account.ts';
import { excludedAccounts, type SutureContext } from '../context.ts';
import { namesIn } from '../names.ts';
import { alarm } from './alarms.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { type Allowance, items, keyUse } from './role.ts';
import { addSchedule } from './schedule.ts';

export type DirectoryFunctionOptions = SecurityEnvironment & {
  readonly context: SutureContext;
};

export class DirectoryFunction extends Construct {
  constructor(scope: Construct, id: string, { context, ledger, ...options }: DirectoryFunctionOptions) {
    super(scope, id);
    const directory = new SutureFunction(this, 'Directory', {
      ...options,
      name: 'directory',
      description: 'Keeps the accounts of the organization in the ledger',
      timeout: Duration.minutes(15),
      environment: {
        LEDGER_TABLE: namesIn(this).ledgerTable,
        SECURITY_ACCOUNT: context.securityAccount,
        EXCLUDED_ACCOUNTS: excludedAccounts(context).join(','),
        ...directoryEnvironment(context),
      },
      allows: [
        ...(context.trial ? [] : listing(context)),
        items(ledger.tableArn, ['BatchWriteItem'], ['account#*']),
        items(ledger.tableArn, ['GetItem', 'PutItem'], ['accounts']),
        keyUse(options.key, options.place.region, ['Decrypt'], ['dynamodb']),
      ],
      errorsMean:
        'The accounts of the organization could not be listed. Findings continue; when the ledger is a day old, each needs a look-up of its account. Look at the delegation in Organizations.',
    });
    addSchedule(directory.function, {
      name: 'directory',
      description: 'Lists the accounts of the organization',
      every: 'rate(1 hour)',
    });
    alarm(this, 'Stale', {
      name: 'directory-stale',
      metric: directory.function.metricInvocations({ period: Duration.hours(3) }).with({ statistic: 'Sum' }),
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      missing: TreatMissingData.BREACHING,
      means:
        'The directory function has not run for three hours. Suture uses the accounts in the ledger until they are a day old, then looks them up one by one.',
      topicArn: options.topicArn,
    });
  }
}

/** Units and the root belong to the management account, whose id the context need not name. */
const listing = ({ partition, organizationId }: SutureContext): Allowance[] => [
  {
    actions: ['organizations:ListRoots'],
    on: '*',
    because: 'Organizations takes no resource for listing the roots',
  },
  {
    actions: ['organizations:ListAccountsForParent', 'organizations:ListOrganizationalUnitsForParent'],
    on: ['root', 'ou'].map((type) => `arn:${partition}:organizations::*:${type}/${organizationId}/*`),
    because: 'Accounts lie in any unit of the organization',
  },
];

/** Returns no variables unless it is a trial, which has no organization to ask. */
export const directoryEnvironment = ({ trial, securityAccount }: SutureContext): Record<string, string> =>
  trial ? { TRIAL_ACCOUNT: securityAccount } : {};

export const lookUpAllowances = (context: SutureContext): Allowance[] => (context.trial ? [] : [lookUp(context)]);

/** Lets a function read security contacts, which a trial does not use. */
export const contactAllowances = ({ trial, partition, organizationId }: SutureContext, table: string): Allowance[] =>
  trial
    ? []
    : [
        {
          actions: ['account:GetAlternateContact'],
          on: `arn:${partition}:account::*:account/${organizationId}/*`,
          because: 'A finding may come from any account of the organization',
        },
        items(table, ['GetItem', 'PutItem'], [`${CONTACT}*`]),
      ];

const lookUp = ({ partition, organizationId }: SutureContext): Allowance => ({
  actions: ['organizations:DescribeAccount', 'organizations:ListParents', 'organizations:DescribeOrganizationalUnit'],
  on: ['account', 'ou'].map((type) => `arn:${partition}:organizations::*:${type}/${organizationId}/*`),
  because: 'A finding may come from any account of the organization',
});
