/** AppConfig's data plane: clients poll for the deployed configuration in sessions. */
import * as sdk from '@aws-sdk/client-appconfigdata';
import { wholeState } from '../../kernel/comparison.ts';
import { AwsError, defineService, type Need, type Service } from '../../kernel/kernel.ts';
import { deployedVersion } from '../appconfig/deployments.ts';
import { appConfigKeyNeeds } from '../appconfig/needs.ts';
import { APPCONFIG, appConfigArn, existingAppConfigResource } from '../appconfig/state.ts';
import { locateNothing } from '../locate.ts';
import { APPCONFIGDATA, type AppConfigDataAt, type AppConfigDataState, type ConfigurationSession } from './state.ts';

/** https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_GetLatestConfiguration.html */
const TOKEN_LIFETIME_MS = 24 * 3_600_000;

export const appconfigdata: Service<typeof sdk, AppConfigDataState> = defineService<typeof sdk, AppConfigDataState>({
  ...APPCONFIGDATA,
  sdk,
  client: sdk.AppConfigDataClient,
  prefix: 'appconfig',
  // https://docs.aws.amazon.com/appconfig/latest/userguide/logging-using-cloudtrail.html
  trail: { unrecorded: ['GetLatestConfiguration', 'StartConfigurationSession'] },
  comparable: wholeState,
  locate: locateNothing,
  denial: { code: 'AccessDeniedException', status: 403 },
  operations: {
    StartConfigurationSession: {
      needs: (input, at) => [appConfigDataNeed('StartConfigurationSession', asNamed(input), at)],
      run(input, at) {
        const pollIntervalSeconds = input.RequiredMinimumPollIntervalInSeconds ?? 60;
        const slot = at.kernel.random() * 100;
        const session = { ...resolveIds(input, at), slot, pollIntervalSeconds, issuedAt: at.kernel.clock.now() };
        return { InitialConfigurationToken: issueToken(session, at) };
      },
    },
    GetLatestConfiguration: {
      needs: ({ ConfigurationToken }, at): Need[] => {
        const session = existingSession(ConfigurationToken, at);
        const { deployment } = latestVersion(session, at);
        return [
          appConfigDataNeed('GetLatestConfiguration', session, at),
          ...appConfigKeyNeeds(at, deployment.kmsKey, 'kms:Decrypt'),
        ];
      },
      run({ ConfigurationToken }, at) {
        const session = existingSession(ConfigurationToken, at);
        const now = at.kernel.clock.now();
        if (session.received && now < session.received.notBefore) throw invalidToken('PollIntervalNotSatisfied');
        const { version, deployment } = latestVersion(session, at);
        at.state.sessions.delete(ConfigurationToken!);
        const received = { deployment: deployment.number, notBefore: now + session.pollIntervalSeconds * 1000 };
        const unchanged = session.received?.deployment === deployment.number;
        return {
          NextPollConfigurationToken: issueToken({ ...session, issuedAt: now, received }, at),
          NextPollIntervalInSeconds: session.pollIntervalSeconds,
          ContentType: version.contentType,
          // An empty body means that the client already has this configuration.
          Configuration: unchanged ? new Uint8Array() : version.content,
          ...(version.label !== undefined && !unchanged && { VersionLabel: version.label }),
        } as any;
      },
    },
  },
});

/**
 * Returns the identifiers as the request gives them. AWS documents ARNs with ids, and does not say how it authorizes a
 * request with names.
 */
const asNamed = (input: sdk.StartConfigurationSessionCommandInput): SessionIds => ({
  applicationId: input.ApplicationIdentifier!,
  environmentId: input.EnvironmentIdentifier!,
  profileId: input.ConfigurationProfileIdentifier!,
});

type SessionIds = Pick<ConfigurationSession, 'applicationId' | 'environmentId' | 'profileId'>;

function resolveIds(input: sdk.StartConfigurationSessionCommandInput, at: AppConfigDataAt): SessionIds {
  const { applications, environments, profiles } = at.kernel.state(APPCONFIG, at);
  const application = existingByIdOrName([...applications.values()], input.ApplicationIdentifier, 'Application');
  const ofApplication = <T extends { readonly applicationId: string }>(items: Iterable<T>) =>
    [...items].filter(({ applicationId }) => applicationId === application.id);
  const environment = existingByIdOrName(
    ofApplication(environments.values()),
    input.EnvironmentIdentifier,
    'Environment',
  );
  const profile = existingByIdOrName(
    ofApplication(profiles.values()),
    input.ConfigurationProfileIdentifier,
    'ConfigurationProfile',
  );
  return { applicationId: application.id, environmentId: environment.id, profileId: profile.id };
}

function existingByIdOrName<T extends { readonly id: string; readonly name: string }>(
  items: readonly T[],
  idOrName: string | undefined,
  type: string,
): T {
  return existingAppConfigResource(
    items.find(({ id }) => id === idOrName) ?? items.find(({ name }) => name === idOrName),
    type,
  );
}

function appConfigDataNeed(
  action: string,
  { applicationId, environmentId, profileId }: SessionIds,
  at: AppConfigDataAt,
): Need {
  const path = `application/${applicationId}/environment/${environmentId}/configuration/${profileId}`;
  return { action: `appconfig:${action}`, resource: appConfigArn(at, path) };
}

function issueToken(session: ConfigurationSession, at: AppConfigDataAt): string {
  const token = Buffer.from(at.kernel.uuid()).toString('base64');
  at.state.sessions.set(token, session);
  return token;
}

function existingSession(token: string | undefined, at: AppConfigDataAt): ConfigurationSession {
  const session = at.state.sessions.get(token ?? '');
  if (!session) throw invalidToken('Corrupted');
  if (at.kernel.clock.now() - session.issuedAt >= TOKEN_LIFETIME_MS) throw invalidToken('Expired');
  return session;
}

function latestVersion(session: ConfigurationSession, at: AppConfigDataAt) {
  const state = at.kernel.state(APPCONFIG, at);
  const { environmentId, profileId, slot } = session;
  return existingAppConfigResource(
    deployedVersion(state, environmentId, profileId, slot, at.kernel.clock.now()),
    'Deployment',
  );
}

function invalidToken(Problem: 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied'): AwsError {
  return new AwsError('BadRequestException', 'Request token is invalid', 400, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem } } },
  });
}
