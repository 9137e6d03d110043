/**
 * A trial: everything in one account, with names and settings decided here. It needs no organization, so nothing in it
 * protects Suture from an administrator of the account. It is not an installation to keep.
 */
import { type ControlRule, type Mode, SuturePolicy } from '../functions/domain/policy.ts';
import { partitionOf } from './regions.ts';

/** Never used: no condition of a trial names the organization. */
export const NO_ORGANIZATION = 'o-notinatrial';

/**
 * Returns the context of a trial, in the account and Region for which the CDK's command line has credentials.
 * `securityAccount` and `homeRegion` of the command line replace the account and Region of the credentials.
 * @throws Error without an account or a Region, and for settings of an organization
 */
export function trialSettings({
  trial: _,
  securityAccount: account = process.env.CDK_DEFAULT_ACCOUNT,
  homeRegion: region = process.env.CDK_DEFAULT_REGION,
  ...rest
}: Record<string, unknown>): Record<string, unknown> {
  const misplaced = Object.keys(rest).filter((key) => key !== 'bootstrap');
  if (misplaced.length > 0)
    throw new Error(
      `A trial is one account without an organization. It takes no suture:${misplaced.join(', suture:')}.`,
    );
  if (typeof account !== 'string' || typeof region !== 'string')
    throw new Error(
      'A trial needs an account and a Region. Run it with credentials of the account, for example with AWS_PROFILE and AWS_REGION.',
    );
  return {
    trial: true,
    organizationId: NO_ORGANIZATION,
    partition: partitionOf(region),
    securityAccount: account,
    serviceAccount: account,
    homeRegion: region,
    regions: [region],
    externalId: `suture-trial-${account}`,
    bootstrap: true,
    onePerson: true,
  };
}

/**
 * Returns the policy that a trial installs: the controls of `policy.yaml`, but a person approves each change, and
 * findings about Suture's own resources are left alone, because they are in the same account.
 */
export const trialPolicy = ({ version, controls }: SuturePolicy): SuturePolicy =>
  SuturePolicy.parse({
    version,
    controls: Object.fromEntries(Object.entries(controls).map(([control, rule]) => [control, approvalRule(rule)])),
    exemptions: [
      {
        id: 'suture-itself',
        reason: "Suture's own resources are in the account of the trial",
        owner: 'suture',
        expires: '2099-12-31',
        criteria: { resource: { contains: ['suture', 'Suture'] } },
      },
    ],
  });

/** Replaces `auto` by `approve`. Drops rules for accounts, units and tags, which belong to an organization. */
function approvalRule(rule: ControlRule): ControlRule {
  if (typeof rule === 'string') return modeOf(rule);
  if (rule === null) return 'approve';
  return { mode: modeOf(rule.mode ?? 'auto'), ...(rule.params && { params: rule.params }) };
}

const modeOf = (mode: Mode): Mode => (mode === 'auto' ? 'approve' : mode);
