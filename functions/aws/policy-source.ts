/** The policy as AppConfig serves it, kept for a minute at most. One that cannot be read, is invalid or too old stops everything. */
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { clause, SutureError } from '../contract/errors.ts';
import { SuturePolicy } from '../domain/policy.ts';
import { environment } from './environment.ts';

/** Milliseconds after which a policy that AppConfig has not confirmed is too old to write by. */
const FRESH = 60_000;

export type PolicySource = { read(): Promise<SuturePolicy> };

export function policySource(client = new AppConfigDataClient({ maxAttempts: 3 }), now = Date.now): PolicySource {
  let token: string | undefined;
  /** What AppConfig served or confirmed when it was last asked, in milliseconds since 1970. */
  let known: { policy: SuturePolicy; askedAt: number } | undefined;

  async function fetch(): Promise<SuturePolicy> {
    token ??= await startSession(client);
    const used = token;
    // AppConfig takes a token once: whatever happens to this call, the next one needs another.
    token = undefined;
    const answer = await client.send(new GetLatestConfigurationCommand({ ConfigurationToken: used }));
    token = answer.NextPollConfigurationToken;
    if (answer.Configuration?.length) return parse(new TextDecoder().decode(answer.Configuration));
    if (known) return known.policy;
    token = undefined;
    throw new Error('AppConfig answered an empty configuration: nothing is deployed yet');
  }

  return {
    async read() {
      const askedAt = now();
      if (known && askedAt - known.askedAt < FRESH) return known.policy;
      try {
        known = { policy: await fetch(), askedAt };
        return known.policy;
      } catch (error) {
        token = undefined;
        throw new SutureError(
          'PolicyUnavailable',
          `The policy could not be read, so nothing is written: ${clause(error)}. Look at the deployment of the AppConfig profile, then redrive the execution.`,
          { cause: error },
        );
      }
    },
  };
}

async function startSession(client: AppConfigDataClient): Promise<string | undefined> {
  const { POLICY_APPLICATION, POLICY_ENVIRONMENT, POLICY_PROFILE } = environment(
    'POLICY_APPLICATION',
    'POLICY_ENVIRONMENT',
    'POLICY_PROFILE',
  );
  const session = await client.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: POLICY_APPLICATION,
      EnvironmentIdentifier: POLICY_ENVIRONMENT,
      ConfigurationProfileIdentifier: POLICY_PROFILE,
      RequiredMinimumPollIntervalInSeconds: 15,
    }),
  );
  return session.InitialConfigurationToken;
}

function parse(json: string): SuturePolicy {
  const parsed = SuturePolicy.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the deployed policy is invalid: ${problems.join('; ')}`);
}
