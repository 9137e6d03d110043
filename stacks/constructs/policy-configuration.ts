/** `policy.yaml` as AppConfig serves it: encrypted, deployed at once, with its history. */
import {
  CfnApplication,
  CfnConfigurationProfile,
  CfnDeployment,
  CfnDeploymentStrategy,
  CfnEnvironment,
  CfnHostedConfigurationVersion,
} from 'aws-cdk-lib/aws-appconfig';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Policy } from '../../functions/contract/policy.ts';
import { POLICY } from '../names.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, keyUse } from './role.ts';

export type PolicyConfigurationOptions = { readonly policy: Policy; readonly place: KeyPlace; readonly key: IKey };

export class PolicyConfiguration extends Construct {
  /** What a function needs to read the policy. */
  readonly reading: readonly Allowance[];
  readonly environment = {
    POLICY_APPLICATION: POLICY.application,
    POLICY_ENVIRONMENT: POLICY.environment,
    POLICY_PROFILE: POLICY.profile,
  };

  constructor(scope: Construct, id: string, { policy, place, key }: PolicyConfigurationOptions) {
    super(scope, id);
    const application = new CfnApplication(this, 'Application', { name: POLICY.application });
    const environment = new CfnEnvironment(this, 'Environment', {
      applicationId: application.ref,
      name: POLICY.environment,
    });
    const profile = new CfnConfigurationProfile(this, 'Profile', {
      applicationId: application.ref,
      name: POLICY.profile,
      locationUri: 'hosted',
      kmsKeyIdentifier: key.keyArn,
    });
    const version = new CfnHostedConfigurationVersion(this, 'Version', {
      applicationId: application.ref,
      configurationProfileId: profile.ref,
      content: JSON.stringify(policy),
      contentType: 'application/json',
    });
    const strategy = new CfnDeploymentStrategy(this, 'AllAtOnce', {
      name: 'suture-all-at-once',
      deploymentDurationInMinutes: 0,
      finalBakeTimeInMinutes: 0,
      growthFactor: 100,
      replicateTo: 'NONE',
    });
    new CfnDeployment(this, 'Deployment', {
      applicationId: application.ref,
      environmentId: environment.ref,
      configurationProfileId: profile.ref,
      configurationVersion: version.ref,
      deploymentStrategyId: strategy.ref,
      kmsKeyIdentifier: key.keyArn,
    });
    const { partition, region, account } = place;
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
