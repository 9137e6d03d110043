/**
 * Checks whether and how a finding is handled: its control, policy's exceptions and mode, its remediation and target.
 */
import { type Place, parseTarget } from '../contract/remediation.ts';
import { aliasReason, arnStem, exceptionByName } from '../domain/alias-exceptions.ts';
import { exceptionFacts } from '../domain/finding-names.ts';
import { exceptionFor } from '../domain/policy.ts';
import type { Candidate } from './candidate.ts';
import { type Check, ignoreUnless, rejectUnless, resultOf } from './check.ts';

export const controlCheck: Check<Candidate> = ({ finding, controlNames: names }) => {
  const value = finding.Compliance?.SecurityControlId ?? finding.GeneratorId;
  if (names.kind === 'controls') return { check: 'control', value };
  const route = names.kind === 'disagree' ? 'reject' : 'ignore';
  return resultOf('control', value, { route, reason: names.because });
};

/** The finding is genuine, but policy leaves its account alone. */
export const excludedByPolicy: Check<Candidate> = ({ finding: { AwsAccountId: account }, facts: { policy } }) =>
  ignoreUnless(
    !policy.excludedAccounts.includes(account),
    'excluded by policy',
    account,
    `policy excludes account ${account} (excludedAccounts)`,
  );

const factsOf = ({ names, control }: Candidate) => exceptionFacts({ ...names, control });

const suppressions: Check<Candidate> = (candidate) => {
  const { policy, today } = candidate.facts;
  const exception = exceptionFor(policy.suppressions, factsOf(candidate), today);
  if (!exception) return { check: 'suppressions', value: 'none applies' };
  const { id, reason, owner, expires } = exception;
  return resultOf('suppressions', id, {
    route: 'archive',
    suppression: id,
    reason: `suppression ${id}: ${reason}`,
    note: `Suppressed by Suture, rule ${id}: ${reason} (${owner}, until ${expires})`,
  });
};

const exemptions: Check<Candidate> = (candidate) => {
  const { policy, today } = candidate.facts;
  const exception = exceptionFor(policy.exemptions, factsOf(candidate), today);
  if (!exception) return { check: 'exemptions', value: 'none applies' };
  const { id, reason, owner, expires } = exception;
  return ignoreUnless(false, 'exemptions', id, `exempt by ${id}: ${reason} (${owner}, until ${expires})`);
};

const remediation: Check<Candidate> = ({ control, remediation }) =>
  ignoreUnless(
    remediation !== undefined,
    'remediation',
    remediation?.id ?? control,
    `no remediation handles ${control}`,
  );

/** Passes if one tag allows more than `off`, because the live tags are read later. */
const policy: Check<Candidate> = ({ decision: { mode, tags, because } }) => {
  const passed = mode !== 'off' || Object.values(tags).some((byTag) => byTag !== 'off');
  return ignoreUnless(passed, 'policy', because, because);
};

const numberOfResources: Check<Candidate> = ({ finding: { Resources } }) =>
  rejectUnless(
    Resources.length === 1,
    'number of resources',
    String(Resources.length),
    `names ${Resources.length} resources; control findings name one`,
  );

const target: Check<Candidate> = ({ resource, remediation }) => {
  const parsed = parseTarget(remediation!, resource);
  const reason = parsed.success ? '' : parsed.error.issues[0]!.message;
  return rejectUnless(parsed.success, 'target', `${resource.Type} ${resource.Id}`, reason);
};

/** An exception by name counts for a finding that lacks the name. */
const exceptionsByName: Check<Candidate> = (candidate) => {
  const { names, remediation, resource, facts } = candidate;
  const stem = arnStem(remediation!, names as Place, parseTarget(remediation!, resource).data!);
  const { suppressions, exemptions } = facts.policy;
  const exceptions = [...suppressions, ...exemptions];
  const exception = stem && exceptionByName(exceptions, factsOf(candidate), stem, facts.today);
  if (!exception) return { check: 'exceptions by name', value: stem ? 'none applies' : 'the finding has the name' };
  return ignoreUnless(false, 'exceptions by name', exception.id, aliasReason(exception, resource.Id));
};

const parameters: Check<Candidate> = ({ control, remediation, decision: { params } }) =>
  ignoreUnless(
    remediation!.params.safeParse(params).success,
    'parameters',
    JSON.stringify(params) ?? 'none',
    `policy gives ${control} parameters that ${remediation!.id} does not take`,
  );

/** Checks of control, place and tags, which need no resource. */
export const POLICY_CHECKS: readonly Check<Candidate>[] = [
  excludedByPolicy,
  suppressions,
  exemptions,
  remediation,
  policy,
];

/** Checks of a finding whose resource Suture only looks at. */
export const LOOK_CHECKS: readonly Check<Candidate>[] = [remediation, numberOfResources, target, parameters];

export const HANDLING_CHECKS: readonly Check<Candidate>[] = [
  ...POLICY_CHECKS,
  numberOfResources,
  target,
  exceptionsByName,
  parameters,
];
