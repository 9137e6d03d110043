/**
 * Whatever a finding says, nothing is written outside the resource that it names in its own account. Genuine findings are
 * changed at random, and triage decides about them; those that pass are processed in sessions that only their session
 * policy restricts, in a town of other resources.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Place } from '../../functions/contract/remediation.ts';
import { FindingEvent } from '../../functions/domain/finding.ts';
import { RemediationRequest } from '../../functions/domain/job.ts';
import type { JournalEntry } from '../../functions/domain/journal.ts';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import type { Journal } from '../../functions/ports/journal.ts';
import { runRemediation } from '../../functions/remediate/engine.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SCENARIOS, scenariosOf } from '../../functions/remediations/scenarios.generated.ts';
import { triage } from '../../functions/triage/decide.ts';
import {
  type FixTarget,
  isDeclaredWildcard,
  isWithinTarget,
  passesNamedRole,
  recordOf,
  targetRecords,
} from '../../lab/laws/target-records.ts';
import { buildTown } from '../../lab/laws/town/town.ts';
import { differenceText, worldDifferences } from '../../lab/laws/world.ts';
import { clientsOn } from '../../lab/organization/clients.ts';
import { type ControlFinding, controlFinding } from '../../lab/organization/finding.ts';
import { makeFaultyResource } from '../../lab/organization/make-faulty-resource.ts';
import { scenarioPolicy } from '../../lab/simulate/policy.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { IamDecision } from '../../sandbox/kernel/call-log.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { eventOf, SECURITY } from '../functions/finding.ts';

const REGION = 'us-east-1';
const OWN = '333333333333';
const OTHER = '444444444444';
const ROLE = 'suture-member';
const POLICY = scenarioPolicy(SCENARIOS);

let sandbox: Sandbox;
/** A finding of each account, with the state of the world after both were created: later faults may repair earlier ones. */
type Pair = { readonly own: ControlFinding; readonly other: ControlFinding; readonly world: Snapshot };
/** For each remediation. */
const PAIRS: Pair[] = [];

beforeAll(async () => {
  sandbox = await createSandbox({
    organization: {
      id: 'o-hostile001',
      managementAccount: '999999999999',
      accounts: ['999999999999', OWN, OTHER].map((id) => ({ id, name: id })),
    },
    homeRegion: REGION,
  });
  for (const account of [OWN, OTHER]) await makeRole(account);
  await buildTown(sandbox, writtenServices());
  const controls = REMEDIATIONS.map(({ handles }) => handles.controls[0]!);
  for (const [n, control] of controls.entries()) {
    const [own, other] = [await faulty(control, OWN, n), await faulty(control, OTHER, n)];
    PAIRS.push({ own, other, world: sandbox.snapshot() });
  }
});
afterAll(() => sandbox.close());

/** Returns the services to which remediations write, and those of their scenarios. */
function writtenServices() {
  const classes = SCENARIOS.flatMap(({ remediation, clients }) =>
    Object.values({ ...remediation.clients, ...clients }),
  );
  return sandbox.kernel.services!.filter(({ client }) => classes.includes(client));
}

/** This member role may do everything, so only triage, the module or the session's policy can stop a write. */
async function makeRole(account: string) {
  const trust = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' };
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const iam = (operation: string, input: object) =>
    sandbox.kernel.call(sandbox.kernel.administrator!(account), placeOf(account), 'iam', operation, {
      RoleName: ROLE,
      ...input,
    });
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await iam('CreateRole', { AssumeRolePolicyDocument });
  await iam('AttachRolePolicy', { PolicyArn });
}
const placeOf = (account: string, region = REGION): Place => ({ partition: 'aws', account, region });

async function faulty(control: string, account: string, n: number): Promise<ControlFinding> {
  const resource = await makeFaultyResource(sandbox, scenariosOf(control), placeOf(account), control, `made-${n}`);
  return controlFinding({ control, account, region: REGION, resource, name: `f-${n}`, at: new Date() });
}

const HOSTILE = [
  '*',
  '?',
  '..',
  '../../x',
  '',
  ' ',
  '\n',
  '\u0000',
  '\u202e',
  '\u200b',
  '$' + '{aws:username}',
  '","*"',
  'x'.repeat(70_000),
  '__proto__',
  'constructor',
  'AWS::::Account:444444444444',
  'arn:aws:s3:::*',
  'arn:aws:iam::444444444444:root',
  'arn:aws:ec2:us-east-1:444444444444:security-group/sg-1',
  OTHER,
  'eu-west-1',
  'us-east-1.evil.example',
  'aws-cn',
  'EC2.13',
  'S3.1',
  'security-control/IAM.3',
] as const;

type Bend = (finding: any, other: any) => void;
type Path = readonly (string | number)[];

const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...pathsOf(inner, [...path, key])])
    : [];
const at = (value: any, path: Path) => path.reduce((inner, key) => inner?.[key], value);

/** One change at some place: a hostile text, a part of one, the other account's value, another type, or nothing. */
const bends: fc.Arbitrary<Bend> = fc
  .tuple(
    fc.nat(),
    fc.oneof(
      fc.constantFrom(...HOSTILE).map((text) => () => text),
      fc.constantFrom(...HOSTILE).map((text) => (value: unknown) => `${value}${text}`),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => (value: unknown) => `${text}${value}`),
      fc.constant((_: unknown, theirs: unknown) => theirs),
      fc.constant((value: unknown, theirs: unknown) => [value, theirs]),
      fc.jsonValue().map((value) => () => value),
      fc.constant(() => undefined),
      // Exchanges every account id in it.
      fc.constant((value: unknown) => JSON.parse((JSON.stringify(value) ?? 'null').replaceAll(OWN, OTHER))),
    ),
  )
  .map(([n, change]) => (finding: any, other: any) => {
    const paths = pathsOf(finding);
    const path = paths[n % paths.length]!;
    const parent = at(finding, path.slice(0, -1));
    parent[path.at(-1)!] = change(at(finding, path), at(other, path));
  });

/** `outside` names writes and changes that are not the finding's resource, and that resource. */
type Done = { readonly written: boolean; readonly outside: readonly string[] };

async function carryOut(raw: any, world: Snapshot): Promise<Done> {
  sandbox.restore(world);
  const first = sandbox.kernel.decisions.length;
  const entries: JournalEntry[] = [];
  const verdict = triage(FindingEvent.parse(eventOf(raw)), raw, {
    remediations: REMEDIATIONS,
    policy: POLICY,
    organization: { securityAccount: SECURITY, homeRegion: REGION, excluded: [SECURITY], status: statusOf(raw) },
    today: '2026-11-22',
  });
  const { work, finding } = verdict;
  if (work) {
    const module = REMEDIATIONS.find(({ id }) => id === work.remediation)!;
    const { target, params } = work;
    const policy = { mode: 'auto', tags: {} };
    const started = new Date(sandbox.kernel.clock.now()).toISOString();
    const asked = { v: 3, mode: 'apply', execution: 'arn:execution', started, target, params, policy };
    const request = RemediationRequest.parse({ ...asked, finding });
    await runRemediation(module, request, {
      journal: journalOf(entries),
      copies: { keep: async (entry) => entry, oldest: async () => undefined },
      alert: () => {},
      now: Date.now,
      sleep: async () => {},
      findStack: async () => undefined,
      findWrite: async () => undefined,
      session: (own) => session(request.finding, module.clients, own),
    }).catch(() => {});
  }
  const decisions = sandbox.kernel.decisions.slice(first).filter(({ role }) => role?.endsWith(`/${ROLE}`));
  const writes = decisions.filter(({ action, decision }) => decision === 'Allow' && !isRead(action));
  const changes = worldDifferences(sandbox, world, sandbox.snapshot());
  if (!work)
    return { written: false, outside: [...writes.map(({ action }) => action), ...changes.map(differenceText)] };
  const remediation = REMEDIATIONS.find(({ id }) => id === work.remediation)!;
  const place = { partition: 'aws', account: raw.AwsAccountId, region: finding.region! };
  const fix: FixTarget = { remediation, resource: raw.Resources[0], place, world };
  const records = targetRecords(
    sandbox,
    fix,
    entries.flatMap(({ targets }) => targets),
  );
  const isWithin = (write: IamDecision) =>
    isWithinTarget(sandbox, fix, records, write.resource) ||
    isDeclaredWildcard(fix, write) ||
    passesNamedRole(place, paramsInPolicy(finding.control), write);
  const outside = [
    ...writes
      .filter((write) => write.account !== place.account || !isWithin(write))
      .map(({ action, resource, account }) => `${action} on ${resource} in ${account}`),
    ...changes.filter((change) => !recordOf(records, change)).map(differenceText),
  ];
  return { written: writes.length > 0, outside };
}

/** The parameters of policy, because a finding could have changed those of the work. */
function paramsInPolicy(control: string | undefined): Readonly<Record<string, unknown>> {
  const rule = POLICY.controls[control ?? ''];
  return (typeof rule === 'object' && rule?.params) || {};
}
const statusOf = (raw: any) => ([OWN, OTHER].includes(raw?.AwsAccountId) ? 'ACTIVE' : undefined);
const isRead = (action: string) => /:(Get|List|Describe|Head)/.test(action);

const journalOf = (entries: JournalEntry[]): Journal => ({
  entries: async () => [],
  put: async (entry) => void entries.push(entry),
  mark: async () => {},
});

async function session(place: Place, classes: (typeof REMEDIATIONS)[number]['clients'], policy: PolicyDocument) {
  const answer = await sandbox.kernel.call<object, any>(
    sandbox.kernel.administrator!(place.account),
    place,
    'sts',
    'AssumeRole',
    { RoleArn: `arn:aws:iam::${place.account}:role/${ROLE}`, RoleSessionName: 'law', Policy: JSON.stringify(policy) },
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials;
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const settings = { ...sandbox.administrator(place.account, place.region), credentials };
  return clientsOn(settings, classes, { maxAttempts: 1, requestHandler: sandbox.inProcess });
}

describe('an unchanged finding', () => {
  it('leads to writes, only to its resource', async () => {
    const idle: (string | undefined)[] = [];
    for (const { own, world } of PAIRS) {
      const done = await carryOut(structuredClone(own), world);
      expect(done.outside).toEqual([]);
      if (!done.written) idle.push(own.Compliance.SecurityControlId);
    }
    expect(idle).toEqual([]);
  });
});

describe('a randomly changed finding', () => {
  it('changes nothing in the whole world but the resource that it names in its account', async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: REMEDIATIONS.length - 1 }),
        fc.array(bends, { minLength: 1, maxLength: 3 }),
        async (n, all) => {
          const { own, other, world } = PAIRS[n]!;
          const raw = structuredClone(own);
          for (const bend of all) bend(raw, other);
          const done = await carryOut(raw, world);
          if (done.written) written++;
          expect(done.outside).toEqual([]);
        },
      ),
      { numRuns: 400, seed: 20261122 },
    );
    // Many changed findings are still genuine.
    expect(written).toBeGreaterThan(40);
  });

  it('of another account affects only that account', async () => {
    const { own, world } = PAIRS[1]!;
    const raw = JSON.parse(JSON.stringify(own).replaceAll(OWN, OTHER));
    expect(await carryOut(raw, world)).toEqual({ written: true, outside: [] });
  });
});
