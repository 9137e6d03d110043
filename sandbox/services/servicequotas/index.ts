/**
 * The quotas that the sandbox enforces.
 * Source: Service Quotas API reference; codes as `aws service-quotas list-service-quotas --service-code vpc` shows
 * them.
 */
import * as sdk from '@aws-sdk/client-service-quotas';
import { wholeState } from '../../kernel/comparison.ts';
import { AwsError, type AwsPlace, defineService, type Need } from '../../kernel/kernel.ts';
import { locateByName } from '../locate.ts';
import { onlyMembers } from '../requests.ts';
import { QUOTAS, type QuotaId, type QuotaState, type QuotasAt, quotaValue, SERVICE_QUOTAS } from './state.ts';

export const serviceQuotas = defineService<typeof sdk, QuotaState>({
  ...SERVICE_QUOTAS,
  sdk,
  client: sdk.ServiceQuotasClient,
  prefix: 'servicequotas',
  comparable: wholeState,
  locate: locateByName({ '': 'appliedValues' }),
  operations: {
    GetServiceQuota: {
      needs: (input, at) => [quotaNeed('GetServiceQuota', input, at)],
      run: (input, at) => {
        onlyMembers('GetServiceQuota', input, ['ServiceCode', 'QuotaCode']);
        const quota = parseQuota(input);
        return { Quota: describeQuota(quota, quotaValue(at.kernel, at, quota), at) };
      },
    },
    GetAWSDefaultServiceQuota: {
      needs: (input, at) => [quotaNeed('GetAWSDefaultServiceQuota', input, at)],
      run: (input, at) => {
        onlyMembers('GetAWSDefaultServiceQuota', input, ['ServiceCode', 'QuotaCode']);
        const quota = parseQuota(input);
        return { Quota: describeQuota(quota, QUOTAS[quota].value, at) };
      },
    },
  },
});

type QuotaRequest = { readonly ServiceCode?: string; readonly QuotaCode?: string };

function parseQuota({ ServiceCode, QuotaCode }: QuotaRequest): QuotaId {
  const quota = `${ServiceCode}/${QuotaCode}`;
  if (Object.hasOwn(QUOTAS, quota)) return quota as QuotaId;
  throw new AwsError('NoSuchResourceException', 'The request failed because the specified quota does not exist.');
}

const quotaNeed = (action: string, { ServiceCode, QuotaCode }: QuotaRequest, at: QuotasAt): Need => ({
  action: `servicequotas:${action}`,
  resource: quotaArn(at, `${ServiceCode}/${QuotaCode}`),
  context: { 'servicequotas:service': ServiceCode ?? '' },
});

const quotaArn = ({ partition, region, account }: AwsPlace, quota: string): string =>
  `arn:${partition}:servicequotas:${region}:${account}:${quota}`;

const describeQuota = (quota: QuotaId, Value: number, at: QuotasAt): sdk.ServiceQuota => ({
  ServiceCode: quota.split('/')[0],
  QuotaCode: quota.split('/')[1],
  QuotaArn: quotaArn(at, quota),
  QuotaName: QUOTAS[quota].name,
  Value,
  Adjustable: true,
  GlobalQuota: false,
});
