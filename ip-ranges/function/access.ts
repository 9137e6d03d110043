/**
 * Clients for a target's account and Region: with the function's own role in its account, with the member role in
 * others.
 */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { RAMClient } from '@aws-sdk/client-ram';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { STSClient } from '@aws-sdk/client-sts';
import { environment } from '../../functions/aws/environment.ts';
import { NAMES } from '../../functions/aws/installation.ts';
import { assumeMemberRole, type UnavailableAdvice } from '../../functions/aws/member-session.ts';
import { IP_RANGES_ID, type IpRangesTarget } from '../contract/targets.ts';
import type { WorldClients } from './world.ts';

/** `run` ties the sessions in other accounts to the invocation. */
export type Own = { readonly partition: string; readonly account: string; readonly run: string };

export async function clientsOf(target: IpRangesTarget, own: Own): Promise<WorldClients> {
  const credentials = target.account === own.account ? undefined : await memberCredentials(target, own);
  const options = { region: target.region, maxAttempts: 3, ...(credentials && { credentials }) };
  return {
    ec2: new EC2Client(options),
    elb: new ElasticLoadBalancingV2Client(options),
    quotas: new ServiceQuotasClient(options),
    ram: new RAMClient(options),
  };
}

function memberCredentials({ account, region, key }: IpRangesTarget, own: Own) {
  const { partition, run } = own;
  const { MEMBER_ROLE, EXTERNAL_ID, LEDGER_REGION } = environment('MEMBER_ROLE', 'EXTERNAL_ID', 'LEDGER_REGION');
  // The role and its boundary name the calls.
  const Statement = [
    {
      Effect: 'Allow' as const,
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': region } },
    },
  ];
  // The role trusts requests in the home Region alone.
  const sts = new STSClient({ region: LEDGER_REGION, maxAttempts: 3 });
  return assumeMemberRole(sts, MEMBER_ROLE, EXTERNAL_ID, {
    remediation: IP_RANGES_ID,
    place: { partition, account, region },
    execution: run,
    findingId: key,
    policy: { Version: '2012-10-17', Statement },
    unavailable: unavailableAdvice(account, own),
  });
}

/** Names the updater's roles: those of remediations have other policies, and nothing is replayed. */
export function unavailableAdvice(account: string, own: Pick<Own, 'account'>): UnavailableAdvice {
  const role = `the role ${NAMES.function('ip-ranges')} of the security account ${own.account}`;
  const stack = NAMES.stack('IpRanges');
  return {
    causes: [
      {
        pattern: /sts:AssumeRole\b/,
        explanation: `The role ${NAMES.ipRangesMemberRole} of ${account} does not exist`,
        remedy: `deploy ${stack} again, which has the StackSet of that role`,
      },
      {
        pattern: /sts:(SetSourceIdentity|TagSession)\b/,
        explanation: `The trust policy of ${NAMES.ipRangesMemberRole} in ${account} was made for another security account, organization id or external id`,
        remedy: `deploy ${stack} again`,
      },
      {
        pattern: /identity-based policy/,
        explanation: `A policy of ${role} denies it, or the role lacks its sts statement`,
        remedy: `remove the deny, or deploy ${stack} again`,
      },
      {
        pattern: /service control policy|resource control policy/,
        explanation: `A service control policy on the security account, or a resource control policy on ${account}, denies it`,
        remedy: `in the management account, exempt the updater's role (path ${NAMES.ipRangesRolePath}) from that policy`,
      },
    ],
    next: 'Then: suture ip-ranges apply',
  };
}
