/** AppConfig's data plane: sessions that poll for the deployed configuration. */
import * as sdk from '@aws-sdk/client-appconfigdata';
import { type At, AwsError, defineService, type Need, type Service } from '../../kernel/kernel.ts';
import { versionFor } from '../appconfig/deployments.ts';
import { appconfig } from '../appconfig/index.ts';
import { appConfigKeyNeeds } from '../appconfig/needs.ts';
import { appConfigArn, found } from '../appconfig/state.ts';

type Session = {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  /** The client's place among all of them, 0 to 100: a gradual deployment reaches the lower ones first. */
  readonly slot: number;
  /** Seconds; 60 by default. */
  readonly pollInterval: number;
  readonly issuedAt: number;
  /** The deployment whose configuration the client has, and the moment before which it may not poll again. */
  readonly has?: { readonly deployment: number; readonly notBefore: number };
};

/** By the one token that the next call of a session must use. */
export type AppConfigDataState = { readonly sessions: Map<string, Session> };

type Here = At<AppConfigDataState>;

/** https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_GetLatestConfiguration.html */
const tokenLifetime = 24 * 3_600_000;

export const appconfigdata: Service<typeof sdk, AppConfigDataState> = defineService<typeof sdk, AppConfigDataState>({
  name: 'appconfigdata',
  sdk,
  client: sdk.AppConfigDataClient,
  prefix: 'appconfig',
  scope: 'region',
  state: () => ({ sessions: new Map() }),
  operations: {
    StartConfigurationSession: {
      needs: (input, at) => [need('StartConfigurationSession', identified(input, at), at)],
      run(input, at) {
        const pollInterval = input.RequiredMinimumPollIntervalInSeconds ?? 60;
        const slot = at.kernel.random() * 100;
        const session = { ...identified(input, at), slot, pollInterval, issuedAt: at.kernel.clock.now() };
        return { InitialConfigurationToken: issue(session, at) };
      },
    },
    GetLatestConfiguration: {
      needs: ({ ConfigurationToken }, at): Need[] => {
        const session = sessionOf(ConfigurationToken, at);
        const { deployment } = latest(session, at);
        return [
          need('GetLatestConfiguration', session, at),
          ...appConfigKeyNeeds(at, deployment.kmsKey, 'kms:Decrypt'),
        ];
      },
      run({ ConfigurationToken }, at) {
        const session = sessionOf(ConfigurationToken, at);
        const now = at.kernel.clock.now();
        if (session.has && now < session.has.notBefore) throw badToken('PollIntervalNotSatisfied');
        const { version, deployment } = latest(session, at);
        at.state.sessions.delete(ConfigurationToken!);
        const has = { deployment: deployment.number, notBefore: now + session.pollInterval * 1000 };
        const unchanged = session.has?.deployment === deployment.number;
        return {
          NextPollConfigurationToken: issue({ ...session, issuedAt: now, has }, at),
          NextPollIntervalInSeconds: session.pollInterval,
          ContentType: version.contentType,
          // Nothing, where the client has it already.
          Configuration: unchanged ? new Uint8Array() : version.content,
          ...(version.label !== undefined && !unchanged && { VersionLabel: version.label }),
        } as any;
      },
    },
  },
});

type Identified = Pick<Session, 'applicationId' | 'environmentId' | 'profileId'>;

/** Sessions name application, environment and profile by id or by name. */
function identified(input: sdk.StartConfigurationSessionCommandInput, at: Here): Identified {
  const { applications, environments, profiles } = at.kernel.state(appconfig, at);
  const application = match([...applications.values()], input.ApplicationIdentifier, 'Application');
  const own = <T extends { readonly applicationId: string }>(things: Iterable<T>) =>
    [...things].filter(({ applicationId }) => applicationId === application.id);
  const environment = match(own(environments.values()), input.EnvironmentIdentifier, 'Environment');
  const profile = match(own(profiles.values()), input.ConfigurationProfileIdentifier, 'ConfigurationProfile');
  return { applicationId: application.id, environmentId: environment.id, profileId: profile.id };
}

function match<T extends { readonly id: string; readonly name: string }>(
  things: readonly T[],
  idOrName: string | undefined,
  what: string,
): T {
  return found(things.find(({ id }) => id === idOrName) ?? things.find(({ name }) => name === idOrName), what);
}

function need(action: string, { applicationId, environmentId, profileId }: Identified, at: Here): Need {
  const path = `application/${applicationId}/environment/${environmentId}/configuration/${profileId}`;
  return { action: `appconfig:${action}`, resource: appConfigArn(at, path) };
}

function issue(session: Session, at: Here): string {
  const token = Buffer.from(at.kernel.uuid()).toString('base64');
  at.state.sessions.set(token, session);
  return token;
}

function sessionOf(token: string | undefined, at: Here): Session {
  const session = at.state.sessions.get(token ?? '');
  if (!session) throw badToken('Corrupted');
  if (at.kernel.clock.now() - session.issuedAt >= tokenLifetime) throw badToken('Expired');
  return session;
}

function latest(session: Session, at: Here) {
  const state = at.kernel.state(appconfig, at);
  const { environmentId, profileId, slot } = session;
  return found(versionFor(state, environmentId, profileId, slot, at.kernel.clock.now()), 'Deployment');
}

function badToken(Problem: 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied'): AwsError {
  return new AwsError('BadRequestException', 'Request token is invalid', 400, {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem } } },
  });
}
