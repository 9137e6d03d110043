/**
 * What Security Hub holds for the whole organization, and who sees what of it.
 */
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { type At, AwsError, type AwsPlace } from '../../kernel/kernel.ts';

export type ActionTarget = { readonly arn: string; readonly name: string; readonly description: string };
/** The delegated administrator's account, and the Region that the findings of all others are copied to. */
export type Home = { readonly account: string; readonly region: string; readonly aggregatorArn: string };

export type SecurityHubState = {
  home?: Home;
  /** When Security Hub was enabled, by account and Region: `111122223333/us-east-1`. */
  readonly hubs: Map<string, string>;
  /** By ProductArn and Id. */
  readonly findings: Map<string, AwsSecurityFinding>;
  readonly actionTargets: Map<string, ActionTarget>;
  /** Share of the findings of a call, 0 to 1, that BatchUpdateFindings leaves undone with ConcurrentUpdateError. */
  unprocessedRate: number;
};

export type Hub = At<SecurityHubState>;

export const initialState = (): SecurityHubState => ({
  hubs: new Map(),
  findings: new Map(),
  actionTargets: new Map(),
  unprocessedRate: 0,
});

export const keyOf = (finding: { ProductArn?: string; Id?: string }): string => `${finding.ProductArn}|${finding.Id}`;

export const hubArn = (place: AwsPlace): string =>
  `arn:${place.partition}:securityhub:${place.region}:${place.account}:hub/default`;

/** With a designated administrator, new hubs are enabled in every account and Region of the organization. */
export const isSubscribed = (state: SecurityHubState, place: AwsPlace): boolean =>
  state.home !== undefined || state.hubs.has(`${place.account}/${place.region}`);

/** @throws AwsError InvalidAccessException where Security Hub is not enabled. */
export function mustBeSubscribed(at: Hub): void {
  if (isSubscribed(at.state, at)) return;
  throw new AwsError('InvalidAccessException', `Account ${at.account} is not subscribed to AWS Security Hub`, 401);
}

/** The administrator sees all accounts, others their own; in the home Region all Regions are seen, elsewhere that Region alone. */
export function sees({ state, account, region }: Hub, finding: AwsSecurityFinding): boolean {
  const itsAccount = account === state.home?.account || account === finding.AwsAccountId;
  const itsRegion = region === state.home?.region || region === regionOf(finding);
  return itsAccount && itsRegion;
}

const regionOf = (finding: AwsSecurityFinding): string | undefined =>
  finding.Region ?? finding.ProductArn?.split(':')[3];

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInputException', message, 400);
