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
import { assumeMemberRole } from '../../functions/aws/member-session.ts';
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

function memberCredentials({ account, region, key }: IpRangesTarget, { partition, run }: Own) {
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
  });
}
