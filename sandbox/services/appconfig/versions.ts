/** Hosted configuration versions and their validation. */
import type * as sdk from '@aws-sdk/client-appconfig';
import { type At, AwsError, type Need, type Principal } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { needsOn, profileKeyNeeds } from './needs.ts';
import { type AppConfigState, appConfigArn, type Profile, profileOf, type Version, versionOf } from './state.ts';

type Here = At<AppConfigState>;

/** https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateHostedConfigurationVersion.html: 2 MB by default. */
const maximumBytes = 2 * 1024 * 1024;

export const versionOperations = {
  CreateHostedConfigurationVersion: {
    needs: (input: sdk.CreateHostedConfigurationVersionCommandInput, at: Here): Need[] => [
      ...needsOn('CreateHostedConfigurationVersion')(withoutLatest(input), at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:GenerateDataKey'),
    ],
    run(input: sdk.CreateHostedConfigurationVersionCommandInput, at: Here) {
      const profile = profileOf(at, input.ApplicationId, input.ConfigurationProfileId);
      const content = input.Content as Uint8Array;
      if (content.byteLength > maximumBytes) {
        throw new AwsError('PayloadTooLargeException', 'The configuration is larger than 2048 KB', 413);
      }
      const latest = at.state.versions.findLast(({ profileId }) => profileId === profile.id)?.number ?? 0;
      if (input.LatestVersionNumber !== undefined && input.LatestVersionNumber !== latest) {
        throw new AwsError(
          'ConflictException',
          `The latest version is ${latest}, not ${input.LatestVersionNumber}`,
          409,
        );
      }
      const version: Version = {
        applicationId: profile.applicationId,
        profileId: profile.id,
        number: latest + 1,
        content: Uint8Array.from(content),
        contentType: input.ContentType!,
        label: input.VersionLabel,
        description: input.Description,
      };
      at.state.versions.push(version);
      return { ...described(version), Content: version.content as any };
    },
  },
  GetHostedConfigurationVersion: {
    needs: (input: sdk.GetHostedConfigurationVersionCommandInput, at: Here): Need[] => [
      ...needsOn('GetHostedConfigurationVersion')(input, at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:Decrypt'),
    ],
    run(input: sdk.GetHostedConfigurationVersionCommandInput, at: Here) {
      const profile = profileOf(at, input.ApplicationId, input.ConfigurationProfileId);
      const version = versionOf(at, profile, input.VersionNumber);
      return { ...described(version), Content: version.content as any };
    },
  },
  ListHostedConfigurationVersions: {
    needs: needsOn('ListHostedConfigurationVersions'),
    run(input: sdk.ListHostedConfigurationVersionsCommandInput, at: Here) {
      onlyMembers('ListHostedConfigurationVersions', input, [
        'ApplicationId',
        'ConfigurationProfileId',
        'MaxResults',
        'VersionLabel',
      ]);
      const profile = profileOf(at, input.ApplicationId, input.ConfigurationProfileId);
      const versions = at.state.versions.filter(({ profileId }) => profileId === profile.id);
      const wanted = versions.filter(({ label }) => !input.VersionLabel || label === input.VersionLabel);
      return { Items: wanted.reverse().map(described) };
    },
  },
  ValidateConfiguration: {
    needs: (input: sdk.ValidateConfigurationCommandInput, at: Here): Need[] => [
      ...needsOn('ValidateConfiguration')(input, at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:Decrypt'),
    ],
    async run(input: sdk.ValidateConfigurationCommandInput, at: Here) {
      const profile = profileOf(at, input.ApplicationId, input.ConfigurationProfileId);
      await validate(at, profile, versionOf(at, profile, input.ConfigurationVersion));
      return {};
    },
  },
};

/**
 * Invokes the profile's validators, as the service: each function's own policy must let AppConfig in.
 * https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-configuration-profile-validators.html
 * @throws BadRequestException where one of them fails
 */
export async function validate(at: Here, profile: Profile, version: Version): Promise<void> {
  const path = `application/${profile.applicationId}/configurationprofile/${profile.id}`;
  const source = appConfigArn(at, path);
  const principal: Principal = { kind: 'service', service: 'appconfig.amazonaws.com', account: at.account, source };
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

/** LatestVersionNumber is a precondition of the request, not the version it acts on. */
const withoutLatest = (input: sdk.CreateHostedConfigurationVersionCommandInput) => ({
  ApplicationId: input.ApplicationId,
  ConfigurationProfileId: input.ConfigurationProfileId,
});

const described = (version: Version) => ({
  ApplicationId: version.applicationId,
  ConfigurationProfileId: version.profileId,
  VersionNumber: version.number,
  ContentType: version.contentType,
  ...(version.label !== undefined && { VersionLabel: version.label }),
  ...(version.description !== undefined && { Description: version.description }),
});
