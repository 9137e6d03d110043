/** Policies: one person deploys what permits nothing new. Everything else is proposed, and another person approves it. */
import * as z from 'zod';
import type { Remediation } from '../contract/remediation.ts';
import { AddPolicyRequest, DeployPolicyRequest, ProposedPolicy } from '../domain/api-policy.ts';
import { suggestion } from '../domain/nearest.ts';
import { SuturePolicy } from '../domain/policy.ts';
import { policyChanges } from '../domain/policy-changes.ts';
import { namedUnits, type UnitIds, withGoneUnits } from '../domain/policy-units.ts';
import { ALONE_BY_CONTEXT, MAX_SUMMARY_BYTES, type Proposal } from '../domain/proposal.ts';
import type { LivePolicy, PolicyDeployments } from '../ports/policy-deployments.ts';
import type { PolicyGrants } from '../ports/policy-grants.ts';
import { type ApiAction, parseBody, Refused } from './action.ts';
import { doAlone, type ProposeDeps, propose } from './propose.ts';

export type PolicyDeps = ProposeDeps & {
  readonly policies: PolicyDeployments;
  readonly grants: PolicyGrants;
  readonly remediations: readonly Remediation[];
  /** The organizational units of the last listing; undefined if there was none. */
  readonly units: () => Promise<UnitIds | undefined>;
};

const Version = z.coerce.number().int().positive();

const repushCommand = (version: number): string => `suture policy push --version ${version}`;

export const addPolicy: ApiAction<PolicyDeps> = async (request, _actor, { policies, units }) => {
  const { policy, after } = parseBody(AddPolicyRequest, request);
  const added = await policies.add(withUnitIds(policy, await units()), after);
  if (added.kind === 'outdated')
    throw new Refused(
      409,
      'Somebody else added a version of the policy in the meantime. Look at the difference again: suture policy diff, then suture policy push.',
    );
  return { version: added.version };
};

/**
 * Returns the policy with the ids of the units that it names.
 * @throws Refused if it names a unit that the organization does not have
 */
function withUnitIds({ units: _, ...policy }: SuturePolicy, known: UnitIds | undefined): SuturePolicy {
  const named = namedUnits(policy);
  if (!known || named.length === 0) return policy;
  const missing = named.filter((unit) => !Object.hasOwn(known, unit));
  if (missing.length > 0)
    throw new Refused(
      400,
      `The organization has no unit ${missing.map((unit) => `${unit}${suggestion(unit, Object.keys(known))}`).join(', ')}. Suture lists the units every hour. Correct the file, then: suture policy push policy.yaml`,
    );
  return { ...policy, units: Object.fromEntries(named.map((unit) => [unit, known[unit]!])) };
}

export const deployVersion: ApiAction<PolicyDeps> = async (request, actor, deps) => {
  const version = Version.safeParse(request.pathParameters?.version).data;
  const found = version === undefined ? undefined : await deps.policies.version(version);
  if (version === undefined || !found)
    throw new Refused(
      404,
      `There is no version ${request.pathParameters?.version} of the policy. Deploy a file: suture policy push policy.yaml`,
    );
  const reason = request.body ? parseBody(DeployPolicyRequest, request).reason : undefined;
  return whileGranted({ version, digest: found.digest, by: actor }, deps, async () => {
    const live = await deps.policies.live();
    const summary = await wideningLines(live, found.content, version, deps);
    const subject: ProposedPolicy = { version, against: placeOf(live) };
    const content = { kind: 'policy' as const, digest: found.digest, summary, subject, ...(reason && { reason }) };
    if (summary.length > 0 && !deps.onePerson) return { proposal: await propose(content, actor, deps) };
    const alone = summary.length === 0 ? 'it lets Suture write nothing new' : ALONE_BY_CONTEXT;
    const deployment = await doAlone(content, alone, actor, deps, () => start(version, actor, deps.policies));
    return { deployment };
  });
};

/** Deploys exactly what was proposed, if the live policy is still the one with which it was compared. */
export async function deployProposed(
  proposal: Proposal,
  actor: string,
  approve: () => Promise<void>,
  deps: PolicyDeps,
): Promise<{ readonly deployment: number }> {
  const { version, against } = ProposedPolicy.parse(proposal.subject);
  const found = await deps.policies.version(version);
  if (found?.digest !== proposal.digest)
    throw new Refused(
      409,
      `Version ${version} is not the policy that ${proposal.by} proposed: its SHA-256 is ${found?.digest ?? 'unknown, because it is gone'}, and ${proposal.digest} was proposed. Propose the file again: suture policy push policy.yaml`,
    );
  return whileGranted({ version, digest: found.digest, by: actor }, deps, async () => {
    const live = await deps.policies.live();
    if (proposal.state === 'approved' && live?.version === version) return { deployment: live.deployment };
    const summary = await wideningLines(live, found.content, version, deps);
    if (live?.deployment !== against?.deployment || summary.join('\n') !== proposal.summary.join('\n'))
      throw new Refused(
        409,
        `The live policy has changed since ${proposal.by} proposed version ${version}: it was ${placeText(against)} then, and is ${placeText(live)} now. Propose it against that one: ${repushCommand(version)}`,
      );
    await approve();
    return { deployment: await start(version, `${proposal.by}, approved by ${actor}`, deps.policies) };
  });
}

async function whileGranted<T>(
  grant: { readonly version: number; readonly digest: string; readonly by: string },
  { grants }: PolicyDeps,
  work: () => Promise<T>,
): Promise<T> {
  const end = await grants.take(grant);
  if (!end) throw busy(grant.version);
  try {
    return await work();
  } finally {
    await end();
  }
}

const busy = (version: number) =>
  new Refused(
    409,
    `Another policy is being deployed. Version ${version} was added, but not deployed. Deploy it in a minute: ${repushCommand(version)}`,
  );

async function start(version: number, by: string, policies: PolicyDeployments): Promise<number> {
  const result = await policies.deploy(version, by);
  if (result.kind === 'started') return result.deployment;
  if (result.kind === 'busy') throw busy(version);
  throw new Refused(
    400,
    `AppConfig refused version ${version}; the previous policy stays deployed. ${result.because}\nCorrect the file, then: suture policy push policy.yaml`,
  );
}

const EMPTY_POLICY = SuturePolicy.parse({ version: 1, controls: {} });

/** Returns a line for each thing that the version would let Suture write and the live policy does not. */
async function wideningLines(
  live: LivePolicy | undefined,
  content: unknown,
  version: number,
  { remediations, units }: PolicyDeps,
): Promise<string[]> {
  const after = SuturePolicy.safeParse(content);
  if (!after.success)
    throw new Refused(
      400,
      `Version ${version} was written for another version of Suture. Deploy a file: suture policy push policy.yaml`,
    );
  const before = live ? SuturePolicy.safeParse(live.content) : { success: true as const, data: EMPTY_POLICY };
  const known = await units();
  const [from, to] = [before.success ? before.data : EMPTY_POLICY, after.data].map((policy) =>
    withGoneUnits(policy, known),
  );
  const lines = policyChanges(from!, to!, remediations)
    .filter(({ widens }) => widens)
    .map(({ text }) => text);
  const unread = before.success ? [] : [`the live version ${live!.version} is of another Suture: every rule is new`];
  const summary = [...unread, ...lines];
  const bytes = Buffer.byteLength(summary.join('\n'));
  if (bytes <= MAX_SUMMARY_BYTES) return summary;
  throw new Refused(
    400,
    `Version ${version} differs from the live policy in ${summary.length} places (${bytes} bytes, at most ${MAX_SUMMARY_BYTES}), more than a person can approve. Push it in parts: suture policy push policy.yaml`,
  );
}

type PolicyPlace = ProposedPolicy['against'];
const placeOf = (live: LivePolicy | undefined): PolicyPlace =>
  live ? { version: live.version, deployment: live.deployment } : null;
const placeText = (place: PolicyPlace | undefined): string =>
  place ? `version ${place.version} (deployment ${place.deployment})` : 'none';
