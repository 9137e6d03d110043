import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import type { AccountConfig } from '../account-config.ts';
import { memberSessionRequest, openMemberSession, SESSION_ROLE, sessionRoleConfig } from '../session-role.ts';
import { expectDenial, type Smoke } from '../smoke.ts';
import type { SmokeStep } from '../step.ts';

export const TRUST_STEP: SmokeStep = {
  id: 'trust',
  proves:
    'the member role trusts a session of a role below the path of the remediations that tags and names itself, and denies every other request: without tags, with the tag of another remediation, or with another external id',
  calls: ['sts:AssumeRole of the role of this run, then of the member role: once allowed, three times denied'],
  creates: [SESSION_ROLE],
  async run(smoke) {
    const config = await sessionRoleConfig(smoke);
    await openMemberSession(smoke, config);
    const request = memberSessionRequest(smoke);
    for (const [what, change] of refusedRequests(request))
      await expectDenial(`a session of the member role ${what}`, () => assume(config, { ...request, ...change }));
    return ['one request was allowed', 'requests without tags, with another tag or external id were denied'];
  },
};

const refusedRequests = ({ ExternalId, Tags = [] }: AssumeRoleCommandInput) =>
  [
    ['without tags', { Tags: [] }],
    [
      'with the tag of another remediation',
      { Tags: Tags.map((tag, n) => (n === 0 ? { ...tag, Value: 'other' } : tag)) },
    ],
    ['with another external id', { ExternalId: `${ExternalId}-other` }],
  ] as const satisfies readonly (readonly [string, Partial<AssumeRoleCommandInput>])[];

const assume = (config: AccountConfig, request: AssumeRoleCommandInput) =>
  new STSClient(config).send(new AssumeRoleCommand(request));

export const REQUESTED_REGION_STEP: SmokeStep = {
  id: 'requested-region',
  proves:
    'AWS sets aws:RequestedRegion for sts:AssumeRole, so that sessions of the member role open in the home Region alone',
  calls: ['sts:AssumeRole of the member role through the STS of another Region: must be denied'],
  creates: [SESSION_ROLE],
  async run(smoke) {
    const config = await sessionRoleConfig(smoke);
    await openMemberSession(smoke, config);
    const region = otherRegion(smoke);
    const request = memberSessionRequest(smoke);
    await expectDenial(`a session of the member role in ${region}`, () => assume({ ...config, region }, request));
    return [`the request to ${region} was denied`];
  },
};

function otherRegion({ context: { regions, homeRegion } }: Smoke): string {
  const region = regions.find((each) => each !== homeRegion);
  if (region === undefined)
    throw new Error(`cdk.json names no Region but ${homeRegion}, so no other Region can be tried.`);
  return region;
}
