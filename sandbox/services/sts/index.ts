/** One state has the temporary credentials of every account. */
import * as sdk from '@aws-sdk/client-sts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateNothing } from '../locate.ts';
import { stsOperations } from './operations.ts';
import { STS, type StsState } from './state.ts';

export const sts: Service<typeof sdk, StsState> = defineService<typeof sdk, StsState>({
  ...STS,
  sdk,
  client: sdk.STSClient,
  prefix: 'sts',
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
  trail: { reads: ['AssumeRole'], tellsOwners: true },
  refuses: {
    AssumeRole: ['ProvidedContexts', 'MinimumSessionTokenSize'],
    GetSessionToken: ['MinimumSessionTokenSize'],
  },
  // Nobody can list temporary credentials, and they are not resources.
  comparable: () => ({}),
  locate: locateNothing,
  throttling: { code: 'Throttling', status: 400 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: stsOperations,
});
