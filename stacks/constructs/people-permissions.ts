/**
 * What people need for each command of the command line, and who may have it. A command that comes later adds its line here;
 * policies, roles, permission sets and the tables of docs/security.md follow.
 */
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { AUDIT, CAPS, CIRCUITS, executionsIn, KILL_SWITCH } from '../../functions/contract/stops.ts';
import type { SutureContext } from '../context.ts';
import { functionName, LEDGER_TABLE } from '../names.ts';
import { type Allowance, items, keyUse } from './role.ts';

/** `operator` and `approver` may do what a `viewer` may, too; neither what the other may. */
export const PEOPLE = {
  viewer: 'Sees what stops changes, and which policy is deployed',
  operator: 'Stops and resumes, and deploys the policy',
  approver: 'Approves and denies changes',
} as const;
export type Person = keyof typeof PEOPLE;
export const personNames = Object.keys(PEOPLE) as Person[];

/** What the security account has, by ARN or name. */
export type Installed = {
  readonly context: SutureContext;
  readonly key: IKey;
  readonly policy: Readonly<Record<'application' | 'environment' | 'profile' | 'strategy', string>>;
};
export type CommandNeeds = { readonly person: Person; readonly allows: readonly Allowance[] };

/** By command, as it is typed. The others need no credentials. */
export function commandNeeds({ context, key, policy }: Installed): Readonly<Record<string, CommandNeeds>> {
  const { partition, homeRegion, securityAccount } = context;
  const ledger = `arn:${partition}:dynamodb:${homeRegion}:${securityAccount}:table/${LEDGER_TABLE}`;
  const approvals = `arn:${partition}:lambda:${homeRegion}:${securityAccount}:function:${functionName('approvals')}`;
  const appConfig = (path: string) => `arn:${partition}:appconfig:${homeRegion}:${securityAccount}:${path}`;
  const application = appConfig(`application/${policy.application}`);
  const environment = `${application}/environment/${policy.environment}`;
  const profile = `${application}/configurationprofile/${policy.profile}`;
  const versions = `${profile}/hostedconfigurationversion/*`;
  const anyVersion = 'Versions of the policy are numbered as they are made';

  return {
    stops: {
      person: 'viewer',
      allows: [
        items(ledger, ['GetItem'], [KILL_SWITCH.pk, executionsIn('*').pk]),
        items(ledger, ['Query'], [CIRCUITS, CAPS, AUDIT]),
        keyUse(key, homeRegion, ['Decrypt'], ['dynamodb']),
      ],
    },
    'policy diff': {
      person: 'viewer',
      allows: [
        {
          actions: ['appconfig:ListApplications', 'appconfig:ListDeploymentStrategies'],
          on: '*',
          because: 'AppConfig takes no resource for listing applications and strategies',
        },
        { actions: ['appconfig:ListEnvironments', 'appconfig:ListConfigurationProfiles'], on: application },
        { actions: ['appconfig:ListDeployments'], on: [application, environment] },
        {
          actions: ['appconfig:GetHostedConfigurationVersion'],
          on: [application, profile, versions],
          because: anyVersion,
        },
        keyUse(key, homeRegion, ['Decrypt'], ['appconfig']),
      ],
    },
    'policy push': {
      person: 'operator',
      allows: [
        {
          actions: [
            'appconfig:CreateHostedConfigurationVersion',
            'appconfig:GetConfigurationProfile',
            'appconfig:ListHostedConfigurationVersions',
          ],
          on: [application, profile],
        },
        {
          actions: ['appconfig:StartDeployment'],
          on: [application, environment, profile, appConfig(`deploymentstrategy/${policy.strategy}`)],
        },
        {
          actions: ['appconfig:GetDeployment'],
          on: [application, environment, `${environment}/deployment/*`],
          because: 'Deployments are numbered as they are made',
        },
        keyUse(key, homeRegion, ['GenerateDataKey'], ['appconfig']),
      ],
    },
    'stop, resume': {
      person: 'operator',
      allows: [items(ledger, ['PutItem'], [KILL_SWITCH.pk, AUDIT]), items(ledger, ['DeleteItem'], [KILL_SWITCH.pk])],
    },
    'approvals, approve, deny': {
      person: 'approver',
      allows: [
        { actions: ['lambda:GetFunctionUrlConfig', 'lambda:InvokeFunctionUrl'], on: approvals },
        {
          actions: ['lambda:InvokeFunction'],
          on: approvals,
          when: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
        },
      ],
    },
  };
}

/** Everything of one person's own, without what a viewer may. */
export const allowancesOf = (needs: Readonly<Record<string, CommandNeeds>>, who: Person): Allowance[] =>
  Object.values(needs).flatMap(({ person, allows }) => (person === who ? allows : []));
