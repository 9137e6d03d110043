/** Mutants that show or store a part of AWS's answers that nobody should see. */
import { GetAlternateContactCommand } from '@aws-sdk/client-account';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { DescribeClustersCommand } from '@aws-sdk/client-redshift';
import * as z from 'zod';
import { refused } from '../../functions/contract/remediation.ts';
import securityContact from '../../functions/remediations/account/name-security-contact/scenarios.ts';
import protectInstances from '../../functions/remediations/rds/protect-instances/scenarios.ts';
import keepSnapshots from '../../functions/remediations/redshift/keep-snapshots/scenarios.ts';
import { type Mutant, mutantPermission } from './mutation.ts';

const CLUSTER = 'arn:{partition}:redshift:{region}:{account}:cluster:{cluster}';

const pendingPassword = async ({ redshift, target }: any): Promise<string | undefined> => {
  const answer = await redshift.send(new DescribeClustersCommand({ ClusterIdentifier: target.cluster }));
  return answer.Clusters[0].PendingModifiedValues?.MasterUserPassword;
};

export const LEAKING_MUTANTS: readonly Mutant[] = [
  {
    how: 'refuses with what is pending, a password among it',
    of: [protectInstances, 'it is set otherwise'],
    mutation: {
      steps: () => ({
        async objection({ rds, target }) {
          const answer = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: target.instance }));
          return refused(JSON.stringify(answer.DBInstances[0].PendingModifiedValues ?? {}));
        },
      }),
    },
    law: 'secrets',
    finds: /plan shows a credential canary/,
  },
  {
    how: 'fails with a password in its error',
    of: [keepSnapshots, 'it is set otherwise'],
    mutation: {
      writes: [mutantPermission(CLUSTER, 'redshift:DescribeClusters')],
      steps: ({ write }) => ({
        async write(context, from, to) {
          const password = await pendingPassword(context);
          if (password) throw new Error(`the change waits for the password ${password}`);
          await write(context, from, to);
        },
      }),
    },
    law: 'secrets',
    finds: /apply shows a credential canary/,
  },
  {
    how: 'hides a password from people, and stores it in the journal',
    of: [keepSnapshots, 'it is set otherwise'],
    mutation: {
      state: z.looseObject({}),
      steps: ({ read, want }) => ({
        read: async (context) => ({ ...(await read(context)), password: (await pendingPassword(context)) ?? null }),
        want: (from, context) => ({ ...from, ...want(from, context), password: from.password }),
        shown: ({ password: _, ...state }) => state,
      }),
    },
    law: 'secrets',
    finds: /after apply, the journal has a credential canary/,
  },
  {
    how: 'shows who the contact of an account is',
    of: [securityContact, 'the account has another security contact'],
    mutation: {
      steps: () => ({
        async read({ accounts }) {
          const answer = await accounts.send(new GetAlternateContactCommand({ AlternateContactType: 'SECURITY' }));
          return { contact: answer.AlternateContact.EmailAddress };
        },
        want: ({ contact }) => refused(`${contact} is the contact`),
      }),
    },
    law: 'secrets',
    finds: /plan shows a personal canary/,
  },
  {
    how: 'shows the contact that policy names',
    of: [securityContact, 'the account has no security contact'],
    mutation: {
      steps: ({ summary }) => ({ summary: (from, to) => `${summary(from, to)}, and +49 30 555 0100` }),
    },
    law: 'secrets',
    finds: /a result shows what the run writes into a personal member of AWS's/,
  },
];
