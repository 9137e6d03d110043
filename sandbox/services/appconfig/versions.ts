import type * as sdk from '@aws-sdk/client-appconfig';
import { AwsError, type Need, type Principal } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { appConfigNeeds, profileKeyNeeds } from './needs.ts';
import {
  type AppConfigAt,
  type ConfigurationProfile,
  type ConfigurationVersion,
  existingProfile,
  existingVersion,
} from './state.ts';

/**
 * The default quota:
 * https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateHostedConfigurationVersion.html
 */
const MAX_BYTES = 2 * 1024 * 1024;

export const versionOperations = {
  CreateHostedConfigurationVersion: {
    needs: (input: sdk.CreateHostedConfigurationVersionCommandInput, at: AppConfigAt): Need[] => [
      ...appConfigNeeds('CreateHostedConfigurationVersion')(withoutLatest(input), at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:GenerateDataKey'),
    ],
    run(input: sdk.CreateHostedConfigurationVersionCommandInput, at: AppConfigAt) {
      const profile = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
      const content = input.Content as Uint8Array;
      if (content.byteLength > MAX_BYTES)
        throw new AwsError('PayloadTooLargeException', 'The configuration is larger than 2048 KB', 413);
      const latest = at.state.versions.findLast(({ profileId }) => profileId === profile.id)?.number ?? 0;
      if (input.LatestVersionNumber !== undefined && input.LatestVersionNumber !== latest)
        throw new AwsError(
          'ConflictException',
          `The latest version is ${latest}, not ${input.LatestVersionNumber}`,
          409,
        );
      const version: ConfigurationVersion = {
        applicationId: profile.applicationId,
        profileId: profile.id,
        number: latest + 1,
        content: Uint8Array.from(content),
        contentType: input.ContentType!,
        label: input.VersionLabel,
        description: input.Description,
      };
      at.state.versions.push(version);
      return { ...describeVersion(version), Content: version.content as any };
    },
  },
  GetHostedConfigurationVersion: {
    needs: (input: sdk.GetHostedConfigurationVersionCommandInput, at: AppConfigAt): Need[] => [
      ...appConfigNeeds('GetHostedConfigurationVersion')(input, at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:Decrypt'),
    ],
    run(input: sdk.GetHostedConfigurationVersionCommandInput, at: AppConfigAt) {
      const profile = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
      const version = existingVersion(at, profile, input.VersionNumber);
      return { ...describeVersion(version), Content: version.content as any };
    },
  },
  DeleteHostedConfigurationVersion: {
    needs: appConfigNeeds('DeleteHostedConfigurationVersion'),
    run(input: sdk.DeleteHostedConfigurationVersionCommandInput, at: AppConfigAt) {
      const profile = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
      at.state.versions.splice(at.state.versions.indexOf(existingVersion(at, profile, input.VersionNumber)), 1);
      return {};
    },
  },
  ListHostedConfigurationVersions: {
    needs: appConfigNeeds('ListHostedConfigurationVersions'),
    run(input: sdk.ListHostedConfigurationVersionsCommandInput, at: AppConfigAt) {
      onlyMembers('ListHostedConfigurationVersions', input, [
        'ApplicationId',
        'ConfigurationProfileId',
        'MaxResults',
        'VersionLabel',
      ]);
      const profile = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
      const versions = at.state.versions.filter(({ profileId }) => profileId === profile.id);
      const matching = versions.filter(({ label }) => !input.VersionLabel || label === input.VersionLabel);
      return { Items: matching.reverse().map(describeVersion) };
    },
  },
  ValidateConfiguration: {
    needs: (input: sdk.ValidateConfigurationCommandInput, at: AppConfigAt): Need[] => [
      ...appConfigNeeds('ValidateConfiguration')(input, at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:Decrypt'),
    ],
    async run(input: sdk.ValidateConfigurationCommandInput, at: AppConfigAt) {
      const profile = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
      await validateConfiguration(at, profile, existingVersion(at, profile, input.ConfigurationVersion));
      return {};
    },
  },
};

/**
 * Invokes the profile's validators, as the service: each function's policy must allow AppConfig.
 * https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-profile-validators.html
 * @throws AwsError BadRequestException if one of them fails
 */
export async function validateConfiguration(
  at: AppConfigAt,
  profile: ConfigurationProfile,
  version: ConfigurationVersion,
): Promise<void> {
  // AWS documents neither a source account nor a source ARN of these invocations, so no permission may rest on one.
  const principal: Principal = { kind: 'service', service: 'appconfig.amazonaws.com', account: at.account };
  const event = {
    applicationId: profile.applicationId,
    configurationProfileId: profile.id,
    configurationVersion: String(version.number),
    content: Buffer.from(version.content).toString('base64'),
    uri: 'hosted',
  };
  for (const { Content: FunctionName } of profile.validators) {
    const Payload = new TextEncoder().encode(JSON.stringify(event));
    const answer = await at.kernel.call<object, { FunctionError?: string; Payload?: Uint8Array }>(
      principal,
      at,
      'lambda',
      'Invoke',
      { FunctionName, Payload },
    );
    if (answer.FunctionError === undefined) continue;
    const Value = new TextDecoder().decode(answer.Payload);
    const InvalidConfiguration = [{ Type: 'LAMBDA', Reason: 'The validator function failed', Value }];
    throw new AwsError('BadRequestException', `Error invoking Lambda validator: ${Value}`, 400, {
      Reason: 'InvalidConfiguration',
      Details: { InvalidConfiguration },
    });
  }
}

/** LatestVersionNumber is a precondition, not the version that the request acts on. */
const withoutLatest = (input: sdk.CreateHostedConfigurationVersionCommandInput) => ({
  ApplicationId: input.ApplicationId,
  ConfigurationProfileId: input.ConfigurationProfileId,
});

const describeVersion = (version: ConfigurationVersion) => ({
  ApplicationId: version.applicationId,
  ConfigurationProfileId: version.profileId,
  VersionNumber: version.number,
  ContentType: version.contentType,
  ...(version.label !== undefined && { VersionLabel: version.label }),
  ...(version.description !== undefined && { Description: version.description }),
});
