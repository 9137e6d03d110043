/**
 * The policy in AppConfig: validated, encrypted, deployed all at once, versioned. The stack installs `policy.yaml` once,
 * to bootstrap; the API deploys every other one.
 */
import { CfnOutput, type CfnResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
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
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { functionName, LEDGER_TABLE, POLICY, POLICY_EXPORTS } from '../names.ts';
import { type Bundles, SutureFunction } from './function.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, items, keyUse } from './role.ts';

export type PolicyConfigurationOptions = {
  /** For the installation, if none is deployed yet. */
  readonly bootstrap: SuturePolicy | undefined;
  readonly ledger: { readonly tableArn: string };
  readonly place: KeyPlace;
  readonly key: IKey;
  readonly bundles: Bundles;
  readonly topicArn: string;
};

export class PolicyConfiguration extends Construct {
  readonly reading: readonly Allowance[];
  /** For the API, which alone deploys another policy. */
  readonly deploying: { readonly environment: Readonly<Record<string, string>>; readonly allows: readonly Allowance[] };
  readonly environment = {
    POLICY_APPLICATION: POLICY.application,
    POLICY_ENVIRONMENT: POLICY.environment,
    POLICY_PROFILE: POLICY.profile,
  };

  constructor(scope: Construct, id: string, { bootstrap, ...options }: PolicyConfigurationOptions) {
    super(scope, id);
    const { place, key } = options;
    const { partition, region, account } = place;
    const application = new CfnApplication(this, 'Application', { name: POLICY.application });
    const environment = new CfnEnvironment(this, 'Environment', {
      applicationId: application.ref,
      name: POLICY.environment,
    });
    const validator = validatorFunction(this, options, application.ref, environment.ref).function;
    const permission = new CfnPermission(this, 'Validation', {
      action: 'lambda:InvokeFunction',
      functionName: validator.functionArn,
      principal: 'appconfig.amazonaws.com',
      sourceAccount: account,
      sourceArn: `arn:${partition}:appconfig:${region}:${account}:application/${application.ref}*`,
    });
    const profile = new CfnConfigurationProfile(this, 'Profile', {
      applicationId: application.ref,
      name: POLICY.profile,
      locationUri: 'hosted',
      kmsKeyIdentifier: key.keyArn,
      validators: [{ type: 'LAMBDA', content: validator.functionArn }],
    });
    const strategy = allAtOnce(this);
    const ids = {
      application: application.ref,
      environment: environment.ref,
      profile: profile.ref,
      strategy: strategy.ref,
    };
    for (const [name, value] of Object.entries(ids))
      new CfnOutput(this, `Id-${name}`, { value, exportName: POLICY_EXPORTS[name as keyof typeof ids] });
    if (bootstrap) installPolicy(this, bootstrap, ids, key).addResourceDependency(permission);
    this.deploying = deployingOf(place, key, ids);
    const configuration = `application/${application.ref}/environment/${environment.ref}/configuration/${profile.ref}`;
    this.reading = [
      {
        actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
        on: `arn:${partition}:appconfig:${region}:${account}:${configuration}`,
      },
      keyUse(key, region, ['Decrypt'], ['appconfig']),
    ];
  }
}

/** A policy that was deployed stays, also when these resources leave the template. */
function installPolicy(
  scope: Construct,
  policy: SuturePolicy,
  { application, environment, profile, strategy }: PolicyIds,
  key: IKey,
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
    kmsKeyIdentifier: key.keyArn,
  });
  for (const resource of [version, deployment]) resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return deployment;
}

const allAtOnce = (scope: Construct): CfnDeploymentStrategy =>
  new CfnDeploymentStrategy(scope, 'AllAtOnce', {
    name: POLICY.strategy,
    deploymentDurationInMinutes: 0,
    finalBakeTimeInMinutes: 0,
    growthFactor: 100,
    replicateTo: 'NONE',
  });

/** AppConfig waits up to 15 seconds for the validator before it deploys. */
function validatorFunction(
  scope: Construct,
  { ledger, ...options }: Omit<PolicyConfigurationOptions, 'bootstrap'>,
  application: string,
  environment: string,
): SutureFunction {
  const { key, place } = options;
  const arn = `arn:${place.partition}:appconfig:${place.region}:${place.account}:application/${application}`;
  return new SutureFunction(scope, 'Validator', {
    ...options,
    name: functionName('policy-validator'),
    description: 'Checks a policy, and that the API permitted it, before AppConfig deploys it',
    role: { name: functionName('policy-validator') },
    timeout: Duration.seconds(15),
    environment: { LEDGER_TABLE, POLICY_APPLICATION: application, POLICY_ENVIRONMENT: environment },
    allows: [
      items(ledger.tableArn, ['GetItem'], [POLICY_GRANT.pk]),
      { actions: ['appconfig:ListDeployments'], on: [arn, `${arn}/environment/${environment}`] },
      keyUse(key, place.region, ['Decrypt'], ['dynamodb']),
    ],
    errorsMean:
      'The validator refused a policy before its deployment; the previous one stays deployed. Its log names every problem; check the file: npm run -s suture -- policy check',
  });
}

type PolicyIds = Readonly<Record<'application' | 'environment' | 'profile' | 'strategy', string>>;

function deployingOf(
  { partition, region, account }: KeyPlace,
  key: IKey,
  ids: PolicyIds,
): PolicyConfiguration['deploying'] {
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
      POLICY_KEY: key.keyArn,
    },
    allows: [
      { actions: ['appconfig:CreateHostedConfigurationVersion'], on: [application, profile] },
      {
        actions: ['appconfig:GetHostedConfigurationVersion'],
        on: [application, profile, `${profile}/hostedconfigurationversion/*`],
        because: 'AppConfig numbers the versions of the policy',
      },
      { actions: ['appconfig:ListDeployments'], on: [application, environment] },
      {
        actions: ['appconfig:StartDeployment'],
        on: [application, environment, profile, arn(`deploymentstrategy/${ids.strategy}`)],
      },
      keyUse(key, region, ['Decrypt', 'GenerateDataKey'], ['appconfig']),
    ],
  };
}
