import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { type At, AwsError, type AwsPlace, type StateKey } from '../../kernel/kernel.ts';

export type ActionTarget = { readonly arn: string; readonly name: string; readonly description: string };
/** The delegated administrator, and the Region to which the findings of all Regions are copied. */
export type Home = { readonly account: string; readonly region: string; readonly aggregatorArn: string };

/** Settings of the administrator. New organizations have what AWS recommends. */
export type HubSettings = {
  findings: 'SECURITY_CONTROL' | 'STANDARD_CONTROL';
  autoEnable: boolean;
  configuration: 'CENTRAL' | 'LOCAL';
  standards: string[];
  /** Besides the home Region; all of them if absent. */
  linkedRegions?: string[];
};

export type SecurityHubState = {
  home?: Home;
  /** The times when Security Hub was enabled, by account and Region: `111122223333/us-east-1`. */
  readonly hubs: Map<string, string>;
  readonly findings: Map<string, AwsSecurityFinding>;
  readonly actionTargets: Map<string, ActionTarget>;
  /** Places where somebody disabled Security Hub: `111122223333/us-east-1`. */
  readonly disabled: Set<string>;
  readonly settings: HubSettings;
  /** From 0 to 1: the share of findings for which BatchUpdateFindings returns ConcurrentUpdateError. */
  unprocessedRate: number;
};

export type SecurityHubAt = At<SecurityHubState>;

export const SECURITYHUB: StateKey<SecurityHubState> = {
  name: 'securityhub',
  scope: 'partition',
  state: () => ({
    hubs: new Map(),
    findings: new Map(),
    actionTargets: new Map(),
    unprocessedRate: 0,
    ...newSettings(),
  }),
};

const newSettings = (): Pick<SecurityHubState, 'disabled' | 'settings'> => ({
  disabled: new Set(),
  settings: {
    findings: 'SECURITY_CONTROL',
    autoEnable: true,
    configuration: 'LOCAL',
    standards: ['standards/aws-foundational-security-best-practices/v/1.0.0'],
  },
});

export const storedFindingKey = (finding: { ProductArn?: string; Id?: string }): string =>
  `${finding.ProductArn}|${finding.Id}`;

export const hubArn = (place: AwsPlace): string =>
  `arn:${place.partition}:securityhub:${place.region}:${place.account}:hub/default`;

/** A designated administrator enables Security Hub in every account and Region of the organization. */
export const isSubscribed = (state: SecurityHubState, place: AwsPlace): boolean =>
  !state.disabled.has(`${place.account}/${place.region}`) &&
  (state.home !== undefined || state.hubs.has(`${place.account}/${place.region}`));

export function checkSubscribed(at: SecurityHubAt): void {
  if (isSubscribed(at.state, at)) return;
  throw new AwsError('InvalidAccessException', `Account ${at.account} is not subscribed to AWS Security Hub`, 401);
}

/**
 * The administrator sees all accounts, others their own. The home Region shows the findings of all Regions, other
 * Regions their own.
 */
export function canSee({ state, account, region }: SecurityHubAt, finding: AwsSecurityFinding): boolean {
  const isVisibleAccount = account === state.home?.account || account === finding.AwsAccountId;
  const isVisibleRegion = region === state.home?.region || region === regionOf(finding);
  return isVisibleAccount && isVisibleRegion;
}

const regionOf = (finding: AwsSecurityFinding): string | undefined =>
  finding.Region ?? finding.ProductArn?.split(':')[3];

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInputException', message, 400);
