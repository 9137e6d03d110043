/**
 * The policy from AppConfig, cached for a minute, or until a person starts an execution. A policy that cannot be read, is
 * invalid or too old stops everything.
 */
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { commandToReplay, errorClause, SutureError } from '../contract/errors.ts';
import { ownDenial, takeOffPolicy } from '../domain/own-denials.ts';
import { SuturePolicy } from '../domain/policy.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import { environment } from './environment.ts';
import { NAMES } from './installation.ts';

/** A write requires that AppConfig confirmed the policy within this time. */
const CACHE_MS = 60_000;
/**
 * Between two reads before the minute is over, which need new sessions. AppConfig bills each policy that it sends, and a
 * person may start thousands of executions at once.
 */
const EARLY_READ_MS = 15_000;

export function policySource(client = new AppConfigDataClient({ maxAttempts: 3 }), now = Date.now): PolicySource {
  let token: string | undefined;
  let cached: { policy: SuturePolicy; confirmedAt: number } | undefined;
  let readEarlyAt = Number.NEGATIVE_INFINITY;

  async function fetch(): Promise<SuturePolicy> {
    token ??= await startSession(client);
    const used = token;
    // AppConfig accepts a token once: even if this call fails, the next one needs another.
    token = undefined;
    const answer = await client.send(new GetLatestConfigurationCommand({ ConfigurationToken: used }));
    token = answer.NextPollConfigurationToken;
    if (answer.Configuration?.length) return parse(new TextDecoder().decode(answer.Configuration));
    if (cached) return cached.policy;
    token = undefined;
    throw new Error('AppConfig returned an empty configuration: no policy is deployed yet');
  }

  return {
    async read(since = 0) {
      const confirmedAt = now();
      const isRecent = cached && confirmedAt - cached.confirmedAt < CACHE_MS;
      const isWanted = cached && cached.confirmedAt < since && confirmedAt - readEarlyAt >= EARLY_READ_MS;
      if (cached && isRecent && !isWanted) return cached.policy;
      if (isRecent) {
        // The session of a recent copy may not poll yet. A new session may.
        token = undefined;
        readEarlyAt = confirmedAt;
      }
      try {
        cached = { policy: await fetch(), confirmedAt };
        return cached.policy;
      } catch (error) {
        token = undefined;
        throw new SutureError('PolicyUnavailable', unavailableText(error), {
          cause: error,
        });
      }
    },
  };
}

/** Begins with the reason, because lists cut the text. */
function unavailableText(error: unknown): string {
  const [text, begin] = [errorClause(error), 'The policy could not be read, so nothing is written'];
  const replay = `then replay it: ${commandToReplay('PolicyUnavailable')}`;
  const denial = ownDenial(text, NAMES);
  if (!denial) return `${begin}: ${text}. Look at the deployment of the AppConfig profile, ${replay}`;
  const reason = `${denial.role} is denied it${denial.because ? ` ${denial.because}` : ''}`;
  const remedy = denial.isForeignPolicy
    ? takeOffPolicy(denial.role)
    : `Deploy ${NAMES.stack('Security')} again, which gives the role its permission (docs/runbook.md#policy-unavailable)`;
  return `${begin}: ${reason}: ${text}.\n${remedy}, ${replay}`;
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
