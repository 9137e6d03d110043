import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { sutureApi } from '../../cli/clients/api.ts';
import { examine } from '../../cli/doctor/examine.ts';
import type { SmokeStep } from '../step.ts';

export const DOCTOR_STEP: SmokeStep = {
  id: 'doctor',
  proves:
    'the API answers signed requests and calls functions in both accounts, and suture doctor can read everything that it reads: trails of the organization, Security Hub, and roles as IAM describes them',
  calls: ['suture doctor --account <member account>'],
  creates: [],
  async run({ config, context, member, progress }) {
    const api = await sutureApi(new APIGatewayClient(config(context.securityAccount)));
    const results = await examine({ api, progress, accounts: [member] });
    const problems = results.filter(({ problem }) => problem !== undefined);
    if (problems.length > 0)
      throw new Error(
        `Doctor has problems to report, or could not check something:\n${problems.map(({ check, where, problem }) => `${check} ${where}: ${problem}`).join('\n')}`,
      );
    return [`${results.length} checks, no problem`];
  },
};
