/**
 * Where laws are proven: two member accounts, the member role with what one remediation declares, and runs of the engine
 * that can be killed between any two calls. Only the workflow around it is missing.
 */

import type { FindingResource, Place, Remediation } from '../../functions/contract/remediation.ts';
import type { Scenario, Scenarios } from '../../functions/contract/scenario.ts';
import type { RemediationRequest } from '../../functions/domain/job.ts';
import { type PolicyDocument, REMEDIATION_TAG, roleStatements } from '../../functions/domain/permissions.ts';
import type { Journal, JournalEntry } from '../../functions/ledger/journal.ts';
import { type EngineResult, runRemediation } from '../../functions/remediate/engine.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { clientsOn } from '../organization/clients.ts';
import { whereIn } from '../organization/where.ts';
import { smallPages } from './small-pages.ts';

export const HERE: Place = { partition: 'aws', account: '333333333333', region: 'us-east-1' };
const ELSEWHERE: Place = { ...HERE, region: 'eu-west-1' };
const OTHER: Place = { ...HERE, account: '444444444444' };
const ROLE = 'suture-member';

/** A resource that must stay as it is, whatever happens to the one of the finding. */
export type Neighbour = {
  readonly what: string;
  readonly place: Place;
  readonly resource: FindingResource;
  readonly control: string;
};

/** A case, made ready: its resource, its neighbours, and the world as it was then. */
export type Arranged = {
  readonly cases: Scenarios;
  readonly case: Scenario<any, any, any>;
  readonly control: string;
  readonly resource: FindingResource;
  readonly neighbours: readonly Neighbour[];
  readonly world: Snapshot;
};

export type Lab = {
  readonly sandbox: Sandbox;
  arrange(name: string): Promise<Arranged>;
  begin(arranged: Arranged): Trial;
  close(): Promise<void>;
};

export type RunOptions = {
  /** The run dies, without a trace, instead of taking this step (0 is the first). */
  readonly dieAt?: number;
  readonly execution?: string;
  readonly pages?: 'small';
};

/** One try at a case, from the world as it was arranged. */
export type Trial = {
  /** Ends with the outcome, or undefined when the run died. */
  go(mode: RemediationRequest['mode'], options?: RunOptions): Promise<EngineResult | undefined>;
  /** Runs again, as the workflow would, while the change is pending. */
  untilSettled(options?: RunOptions): Promise<EngineResult | undefined>;
  /** Steps of the last run: sessions, calls in the member account, entries in the journal. */
  steps(): number;
  journal(): readonly JournalEntry[];
  /** What the remediation reads of this resource, asked as an administrator. */
  state(of?: Neighbour): Promise<unknown>;
  world(): Snapshot;
};

const ARRANGED_AT = Date.parse('2026-06-01T12:00:00Z');

export async function openLab(cases: Scenarios): Promise<Lab> {
  const sandbox = await createSandbox({
    organization: {
      id: 'o-laws000001',
      managementAccount: '999999999999',
      accounts: ['999999999999', HERE.account, OTHER.account].map((id) => ({ id, name: `account ${id}` })),
    },
    homeRegion: HERE.region,
    staleReads: true,
    start: ARRANGED_AT,
  });
  for (const place of [HERE, OTHER]) await makeRole(sandbox, place, cases.of);
  const empty = sandbox.snapshot();
  return {
    sandbox,
    async arrange(name) {
      sandbox.restore(empty);
      return arrange(sandbox, cases, name);
    },
    begin(arranged) {
      sandbox.restore(arranged.world);
      sandbox.kernel.faults.length = 0;
      return trial(sandbox, arranged);
    },
    close: () => sandbox.close(),
  };
}

async function makeRole(sandbox: Sandbox, { partition, account, region }: Place, remediation: Remediation) {
  const { kernel } = sandbox;
  const fill = (text: string) =>
    text.replaceAll('${AWS::Partition}', partition).replaceAll('${AWS::AccountId}', account);
  const iam = (operation: string, input: object) =>
    kernel.call(kernel.administrator!(account), { partition, account, region }, 'iam', operation, {
      RoleName: ROLE,
      ...input,
    });
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
      },
    ],
  };
  await iam('CreateRole', { Path: '/suture/', AssumeRolePolicyDocument: JSON.stringify(trust) });
  const document = { Version: '2012-10-17', Statement: roleStatements(remediation) };
  await iam('PutRolePolicy', { PolicyName: 'declared', PolicyDocument: fill(JSON.stringify(document)) });
}

async function arrange(sandbox: Sandbox, cases: Scenarios, name: string): Promise<Arranged> {
  const { of } = cases;
  const wanted = cases.scenarios[name]!;
  const control = wanted.control ?? of.handles.controls[0]!;
  const made = (place: Place, resourceName: string, how = cases.faulty) =>
    how(
      clientsOn(sandbox.administrator(place.account, place.region), cases.clients ?? of.clients) as never,
      whereIn(sandbox, place, resourceName, control),
    );
  const resource = await made(HERE, 'the-one', wanted.arrange ?? cases.faulty);
  const neighbours: Neighbour[] = [];
  const add = async (what: string, place: Place) =>
    void neighbours.push({ what, place, control, resource: await made(place, `neighbour-${neighbours.length}`) });
  const isAccountSetting = resource.Type === 'AwsAccount';
  if (!isAccountSetting) await add('another resource of the account', HERE);
  if (!of.global) await add('a resource of another Region', ELSEWHERE);
  await add('a resource of another account', OTHER);
  return { cases, case: wanted, control, resource, neighbours, world: sandbox.snapshot() };
}

function trial(sandbox: Sandbox, { cases: { of }, case: wanted, control, resource }: Arranged): Trial {
  const entries = new Map<string, JournalEntry>();
  let taken = 0;
  let now = sandbox.kernel.clock.now();
  const started = new Date(now);

  const requestOf = (mode: RemediationRequest['mode'], execution: string): RemediationRequest => ({
    v: 1,
    mode,
    execution,
    started: started.toISOString(),
    finding: { ...HERE, id: 'arn:finding', productArn: 'arn:product', control },
    target: of.target.parse(resource) as Record<string, string>,
    params: of.params.parse(wanted.params ?? {}),
    policy: { mode: 'auto', tags: {} },
    approved: false,
  });

  async function go(mode: RemediationRequest['mode'], options: RunOptions = {}): Promise<EngineResult | undefined> {
    taken = 0;
    let die: () => void = () => {};
    const died = new Promise<undefined>((resolve) => {
      die = () => resolve(undefined);
    });
    /** Every step goes through here; the one to die at never returns. */
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      if (taken++ === options.dieAt) {
        die();
        return new Promise<T>(() => {});
      }
      return work();
    };
    const around = {
      now: () => now,
      sleep: async (milliseconds: number) => {
        now += milliseconds;
      },
      journal: memoryJournal(entries, step),
      session: (policy: PolicyDocument) => step(() => sessionClients(sandbox, of, policy, step, options.pages)),
    };
    const running = runRemediation(of, requestOf(mode, options.execution ?? 'arn:execution:1'), around);
    running.catch(() => {});
    return Promise.race([running, died]);
  }

  async function untilSettled(options?: RunOptions) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await go('apply', options);
      } catch (error) {
        if ((error as Error).name !== 'ChangePending' || attempt === 20) throw error;
        now += 5_000;
      }
    }
  }

  return {
    go,
    untilSettled,
    steps: () => taken,
    journal: () => [...entries.values()],
    state: (neighbour) => stateOf(sandbox, of, neighbour ?? { place: HERE, resource, control }, wanted.params, started),
    world: () => sandbox.snapshot(),
  };
}

type Step = <T>(work: () => Promise<T>) => Promise<T>;

function memoryJournal(entries: Map<string, JournalEntry>, step: Step): Journal {
  const put = (entry: JournalEntry) => void entries.set(`${entry.key} ${entry.at}`, structuredClone(entry));
  return {
    newest: (key) =>
      step(async () => structuredClone([...entries.values()].filter((entry) => entry.key === key).at(-1))),
    open: (entry) => step(async () => put(entry)),
    mark: (entry, status, writtenAt) =>
      step(async () =>
        put({ ...entries.get(`${entry.key} ${entry.at}`)!, status, ...(writtenAt !== undefined && { writtenAt }) }),
      ),
  };
}

/** Clients of a session that IAM holds to this policy; without retries, so that every fault is met. */
async function sessionClients(sandbox: Sandbox, of: Remediation, policy: PolicyDocument, step: Step, pages?: 'small') {
  const { kernel } = sandbox;
  const { partition, account, region } = HERE;
  const answer = await kernel.call<object, any>(kernel.administrator!(account), HERE, 'sts', 'AssumeRole', {
    RoleArn: `arn:${partition}:iam::${account}:role/suture/${ROLE}`,
    RoleSessionName: 'law',
    Policy: JSON.stringify(policy),
    Tags: [{ Key: REMEDIATION_TAG, Value: of.id }],
  });
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials;
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const settings = { ...sandbox.administrator(account, region), credentials };
  const clients = clientsOn(settings, of.clients, { maxAttempts: 1, requestHandler: sandbox.inProcess });
  for (const client of Object.values(clients)) {
    client.middlewareStack.add((next: any) => (args: any) => step(() => next(args)), { step: 'initialize' });
    if (pages === 'small') client.middlewareStack.add(smallPages, { step: 'initialize' });
  }
  return clients;
}

async function stateOf(
  sandbox: Sandbox,
  of: Remediation,
  of_: Pick<Neighbour, 'place' | 'resource' | 'control'>,
  params: unknown,
  now: Date,
) {
  const { place, resource, control } = of_;
  const clients = clientsOn(sandbox.administrator(place.account, place.region), of.clients);
  return of.read({
    ...clients,
    ...place,
    control,
    now,
    params: of.params.parse(params ?? {}),
    target: of.target.parse(resource),
  });
}

/** Calls that the remediation itself makes, for faults to meet. */
export const madeByRemediation = (call: Parameters<FaultRule>[0]): boolean =>
  call.principal.kind === 'session' && call.principal.role.endsWith(`/${ROLE}`);
