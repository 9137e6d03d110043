/**
 * The policy in AppConfig: validated, deployed all at once, versioned. The stack installs `policy.yaml` once, to
 * bootstrap; the API deploys every other one.
 */
import { CfnOutput, type CfnResource, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  CfnApplication,
  CfnConfigurationProfile,
  CfnDeployment,
  CfnDeploymentStrategy,
  CfnEnvironment,
  CfnHostedConfigurationVersion,
} from 'aws-cdk-lib/aws-appconfig';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { POLICY_GRANT } from '../../functions/domain/api-policy.ts';
import { type InstallationId, type Names, namesOf } from '../../functions/domain/names.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { homeTableArn, namesIn } from '../names.ts';
import { type Bundles, SutureFunction } from './function.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, items, keyUse } from './role.ts';

export type PolicyConfigurationOptions = {
  /** The policy to install with the stack, if none is deployed yet. */
  readonly bootstrap: SuturePolicy | undefined;
  readonly place: KeyPlace;
  readonly key: IKey;
  readonly bundles: Bundles;
  readonly topicArn: string;
};

/** The environment of a function that reads or deploys the policy: ids, because IAM's ARNs of AppConfig have ids too. */
export type PolicyAccess = {
  readonly environment: Readonly<Record<string, string>>;
  readonly allows: readonly Allowance[];
};

export class PolicyConfiguration extends Construct {
  constructor(scope: Construct, id: string, { bootstrap, ...options }: PolicyConfigurationOptions) {
    super(scope, id);
    const names = namesIn(this);
    const application = new CfnApplication(this, 'Application', { name: names.policy.application });
    const environment = new CfnEnvironment(this, 'Environment', {
      applicationId: application.ref,
      name: names.policy.environment,
    });
    const validator = validatorFunction(this, options, application.ref, environment.ref).function;
    // AWS documents no source of AppConfig's invocations, so the permission names none.
    const permission = new CfnPermission(this, 'Validation', {
      action: 'lambda:InvokeFunction',
      functionName: validator.functionArn,
      principal: 'appconfig.amazonaws.com',
    });
    const profile = new CfnConfigurationProfile(this, 'Profile', {
      applicationId: application.ref,
      name: names.policy.profile,
      locationUri: 'hosted',
      validators: [{ type: 'LAMBDA', content: validator.functionArn }],
    });
    const ids = {
      application: application.ref,
      environment: environment.ref,
      profile: profile.ref,
      strategy: allAtOnce(this).ref,
    };
    for (const [name, value] of Object.entries(ids))
      new CfnOutput(this, `Id-${name}`, { value, exportName: names.policyExports[name as keyof typeof ids] });
    if (bootstrap) installPolicy(this, bootstrap, ids).addResourceDependency(permission);
  }
}

type PolicyIds = Readonly<Record<keyof Names['policyExports'], string>>;

/** The ids of the installed configuration, for the other stacks of its account and Region. */
export function importedPolicyIds(installation: InstallationId): PolicyIds {
  const { policyExports } = namesOf(installation);
  return {
    application: Fn.importValue(policyExports.application),
    environment: Fn.importValue(policyExports.environment),
    profile: Fn.importValue(policyExports.profile),
    strategy: Fn.importValue(policyExports.strategy),
  };
}

/**
 * Deploys `policy`. It stays deployed when these resources leave the template; a failed creation of the stack removes
 * it.
 */
function installPolicy(
  scope: Construct,
  policy: SuturePolicy,
  { application, environment, profile, strategy }: PolicyIds,
): CfnResource {
  const version = new CfnHostedConfigurationVersion(scope, 'Version', {
    applicationId: application,
    configurationProfileId: profile,
    content: JSON.stringify(policy),
    contentType: 'application/json',
  });
  const deployment = new CfnDeployment(scope, 'Deployment', {
    applicationId: application,
    environmentId: environment,
    configurationProfileId: profile,
    configurationVersion: version.ref,
    deploymentStrategyId: strategy,
  });
  for (const resource of [version, deployment]) resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return deployment;
}

const allAtOnce = (scope: Construct): CfnDeploymentStrategy =>
  new CfnDeploymentStrategy(scope, 'AllAtOnce', {
    name: namesIn(scope).policy.strategy,
    deploymentDurationInMinutes: 0,
    finalBakeTimeInMinutes: 0,
    growthFactor: 100,
    replicateTo: 'NONE',
  });

/** Adds the function that AppConfig invokes before it deploys. AppConfig waits up to 15 seconds for it. */
function validatorFunction(
  scope: Construct,
  options: Omit<PolicyConfigurationOptions, 'bootstrap'>,
  application: string,
  environment: string,
): SutureFunction {
  const { key, place } = options;
  const { partition, region, account } = place;
  const { ledgerTable } = namesOf(place);
  const arn = `arn:${partition}:appconfig:${region}:${account}:application/${application}`;
  return new SutureFunction(scope, 'Validator', {
    ...options,
    name: 'policy-validator',
    description: 'Checks a policy, and that the API permitted it, before AppConfig deploys it',
    timeout: Duration.seconds(15),
    environment: { LEDGER_TABLE: ledgerTable, POLICY_APPLICATION: application, POLICY_ENVIRONMENT: environment },
    allows: [
      items(homeTableArn(place, ledgerTable), ['GetItem'], [POLICY_GRANT.pk]),
      { actions: ['appconfig:ListDeployments'], on: [arn, `${arn}/environment/${environment}`] },
      keyUse(key, region, ['Decrypt'], ['dynamodb']),
    ],
    errorsMean:
      'The validator refused a policy before its deployment; the previous one stays deployed. Its log names every problem; check the file: suture policy check',
  });
}

/** Returns the access of functions that decide by the policy. */
export function policyReader({ prefix, partition, region, account }: KeyPlace): PolicyAccess {
  const { application, environment, profile } = importedPolicyIds({ prefix });
  const configuration = `application/${application}/environment/${environment}/configuration/${profile}`;
  return {
    environment: { POLICY_APPLICATION: application, POLICY_ENVIRONMENT: environment, POLICY_PROFILE: profile },
    allows: [
      {
        actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
        on: `arn:${partition}:appconfig:${region}:${account}:${configuration}`,
      },
    ],
  };
}

/** Returns the access of functions that look at the deployed version itself, valid or not. */
export function policyViewer(place: KeyPlace): PolicyAccess {
  const { partition, region, account } = place;
  const { application, environment, profile } = importedPolicyIds(place);
  const on = `arn:${partition}:appconfig:${region}:${account}:application/${application}`;
  return {
    environment: { POLICY_APPLICATION: application, POLICY_ENVIRONMENT: environment, POLICY_PROFILE: profile },
    allows: viewing(on, `${on}/environment/${environment}`, `${on}/configurationprofile/${profile}`),
  };
}

const viewing = (application: string, environment: string, profile: string): Allowance[] => [
  {
    actions: ['appconfig:GetHostedConfigurationVersion'],
    on: [application, profile, `${profile}/hostedconfigurationversion/*`],
    because: 'AppConfig numbers the versions of the policy',
  },
  { actions: ['appconfig:ListDeployments'], on: [application, environment] },
];

/** Returns the access of the API, which alone deploys another policy. */
export function policyDeployer({ prefix, partition, region, account }: KeyPlace): PolicyAccess {
  const ids = importedPolicyIds({ prefix });
  const arn = (resource: string) => `arn:${partition}:appconfig:${region}:${account}:${resource}`;
  const application = arn(`application/${ids.application}`);
  const environment = `${application}/environment/${ids.environment}`;
  const profile = `${application}/configurationprofile/${ids.profile}`;
  return {
    environment: {
      POLICY_APPLICATION: ids.application,
      POLICY_ENVIRONMENT: ids.environment,
      POLICY_PROFILE: ids.profile,
      POLICY_STRATEGY: ids.strategy,
    },
    allows: [
      { actions: ['appconfig:CreateHostedConfigurationVersion'], on: [application, profile] },
      ...viewing(application, environment, profile),
      {
        actions: ['appconfig:StartDeployment'],
        on: [application, environment, profile, arn(`deploymentstrategy/${ids.strategy}`)],
      },
    ],
  };
}
