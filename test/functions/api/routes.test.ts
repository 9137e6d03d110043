import { describe, expect, it } from 'vitest';
import { type ApiDeps, answerRequest } from '../../../functions/api/routes.ts';
import { API_ROUTES, type ApiRouteName } from '../../../functions/domain/api.ts';
import { digestOf, type Proposal } from '../../../functions/domain/proposal.ts';
import type { IpRangesRequest } from '../../../functions/ports/ip-ranges-requests.ts';
import type { StoredRun } from '../../../functions/ports/operator-runs.ts';

const ADA = 'arn:aws:sts::111111111111:assumed-role/suture-operator/ada';
const EVE = 'arn:aws:sts::111111111111:assumed-role/suture-operator/eve';
const NOON = '2026-11-22T12:00:00.000Z';
const EVENT = {
  id: 'event',
  'detail-type': 'Security Hub Findings - Imported',
  source: 'aws.securityhub',
  account: '111111111111',
  region: 'us-east-1',
  detail: { findings: [{ Id: 'f' }] },
};

function setUp(more: Partial<ApiDeps> = {}) {
  const runs = new Map<string, StoredRun>();
  const lines: string[] = [];
  const results: Record<string, string> = {};
  const started: { name: string; input: any }[] = [];
  const others: string[] = [];
  const requests = new Map<string, IpRangesRequest>();
  const proposals = new Map<string, Proposal>();
  const deps: ApiDeps = {
    installation: { prefix: 'suture' },
    now: () => Date.parse(NOON),
    home: { account: '111111111111', region: 'us-east-1' },
    runs: {
      recent: async () => [...runs.values()],
      find: async (run, startedAt) => (runs.get(run)?.at === startedAt ? runs.get(run) : undefined),
      begin: async (run) => void runs.set(run.run, run),
      completed: async () => results,
      recordItem: async (_, item, by) => void lines.push(`${item} by ${by}`),
      recordRedrive: async (_, execution, by) => void others.push(`recorded ${execution} by ${by}`),
      recordResult: async (_, item, result) => void Object.assign(results, { [item]: result }),
      end: async (run, endedBy, endedAt, counts) => void runs.set(run.run, { ...run, endedAt, endedBy, counts }),
    },
    executions: {
      start: async (name, input) => {
        expect(lines.length).toBeGreaterThan(0);
        started.push({ name, input });
        return `execution:${name}`;
      },
      redrive: async (arn, token) => void others.push(`redrive ${arn} ${token}`),
    },
    planReplay: async (_, __, caller) => ({
      how: 'start',
      why: 'it succeeded',
      execution: 'last',
      input: { ...EVENT, askedBy: caller },
    }),
    findings: async (ids) => ids.filter((id) => id !== 'gone').map((Id) => ({ Id })),
    messagePlaces: [],
    messageLetters: { count: async () => 0, read: async () => [], remove: async () => {} },
    publishMessage: async ({ name }) => void others.push(`publish ${name}`),
    record: async () => undefined,
    startEventReplay: async (name) => `replay:${name}`,
    deadLetters: {
      move: async (...move) => void others.push(`move ${move.join(' ')}`),
      receive: async () => [],
      remove: async (_, { id }) => void others.push(`remove ${id}`),
      send: async (queue, { body }) => void others.push(`send ${queue} ${body}`),
      invoke: async (name, event) => void others.push(`invoke ${name} ${event}`),
    },
    tellPeople: async (message) => void others.push(`tell ${JSON.stringify(message)}`),
    killSwitch: { read: async () => undefined, set: async () => true, release: async () => false },
    ipRanges: {
      requests: {
        add: async (request) => {
          requests.set(request.id, request);
          return JSON.stringify(request).length < 1000;
        },
        find: async (id) => requests.get(id),
        finish: async () => {},
      },
      begin: async (id) => void others.push(`begin ${id}`),
    },
    policies: {
      live: async () => undefined,
      version: async () => ({ content: { version: 1, controls: {} }, digest: digestOf('7') }),
      add: async () => ({ kind: 'added', version: 7 }),
      deploy: async (_, by) => {
        others.push(`deployed by ${by}`);
        return { kind: 'started', deployment: 3 };
      },
    },
    grants: { take: async () => async () => {}, current: async () => undefined },
    proposals: {
      add: async (proposal) => void proposals.set(proposal.id, proposal),
      find: async (id) => proposals.get(id),
      recent: async () => [...proposals.values()],
      answer: async () => true,
      finish: async (proposal) => void proposals.set(proposal.id, { ...proposal, state: 'done' }),
    },
    remediations: [],
    units: async () => undefined,
    onePerson: false,
    ...more,
  };
  const send = (name: ApiRouteName, body: unknown, parameters?: Record<string, string>, userArn = ADA) =>
    answerRequest(
      {
        httpMethod: API_ROUTES[name].method,
        resource: API_ROUTES[name].path,
        pathParameters: parameters,
        requestContext: { identity: { userArn } },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
      deps,
    ) as Promise<{ status: number; body: any }>;
  const begin = async (name: ApiRouteName, userArn = ADA) =>
    (await send(name, { reason: 'a trial', selection: {} }, undefined, userArn)).body as {
      run: string;
      startedAt: string;
    };
  return { send, begin, runs, lines, results, started, others, requests, proposals };
}

describe('a run', () => {
  it('begins in the name of the signer, and is continued after an interruption with the same selection', async () => {
    const { send, runs, results } = setUp();
    const selection = { control: 'EC2.13', since: '2h' };
    const first = await send('begin replays', { reason: 'a trial', selection });
    expect(first).toMatchObject({ status: 200, body: { isContinued: false, completed: {} } });
    expect([...runs.values()]).toEqual([
      expect.objectContaining({ action: 'replay', by: ADA, at: NOON, reason: 'a trial', selection }),
    ]);
    results.f = 'done';
    const { run } = first.body;
    const turned = { since: '2h', control: 'EC2.13' };
    expect((await send('begin replays', { reason: 'again', selection: turned })).body).toMatchObject({
      ...{ run, isContinued: true, completed: { f: 'done' } },
    });
    expect((await send('begin rollbacks', { reason: 'again', selection })).body.run).not.toBe(run);
    const asApprover = ADA.replace('operator', 'approver');
    await send('end replays', { startedAt: NOON, counts: { replayed: 1 } }, { run }, asApprover);
    expect(runs.get(run)).toMatchObject({ by: ADA, endedAt: NOON, endedBy: asApprover, counts: { replayed: 1 } });
    expect((await send('begin replays', { reason: 'again', selection })).body.run).not.toBe(run);
  });

  it('is continued, used and ended only by the person who began it, in any role', async () => {
    const { send, begin, runs, started } = setUp();
    const { run } = await begin('begin rollbacks');
    const item = { startedAt: NOON, finding: 'f', execution: 'e', started: NOON };
    for (const [route, body] of [
      ['do rollbacks', item],
      ['end rollbacks', { startedAt: NOON, counts: {} }],
    ] as const)
      expect(await send(route, body, { run }, EVE)).toMatchObject({
        status: 403,
        body: { message: expect.stringContaining(`${ADA} began the run ${run}`) },
      });
    expect([runs.get(run)!.endedAt, started]).toEqual([undefined, []]);
    expect((await begin('begin rollbacks', EVE)).run).not.toBe(run);
    expect((await begin('begin rollbacks', ADA.replace('operator', 'approver'))).run).toBe(run);
    expect((await send('do rollbacks', item, { run })).status).toBe(200);
  });

  it.each<[string, ApiRouteName, object, number]>([
    ['of another kind', 'do rollbacks', { finding: 'f', execution: 'e', started: NOON }, 404],
    ['that never began', 'do backfills', { findings: ['f'], apply: false }, 404],
  ])('%s takes no item', async (_, route, item, status) => {
    const { send, begin, started } = setUp();
    const { run } = await begin('begin replays');
    expect((await send(route, { startedAt: NOON, ...item }, { run })).status).toBe(status);
    expect(started).toEqual([]);
  });

  it('takes no item after its end', async () => {
    const { send, begin, started } = setUp();
    const { run } = await begin('begin rollbacks');
    await send('end rollbacks', { startedAt: NOON, counts: {} }, { run });
    const item = { startedAt: NOON, finding: 'f', execution: 'e', started: NOON };
    expect((await send('do rollbacks', item, { run })).status).toBe(409);
    expect(started).toEqual([]);
  });

  it.each([undefined, '', 'x'.repeat(12), '../../audit'])('is not found under the id %s', async (run) => {
    const { send } = setUp();
    const item = { startedAt: NOON, finding: 'f', execution: 'e', started: NOON };
    expect((await send('do rollbacks', item, run === undefined ? undefined : { run })).status).toBe(404);
  });
});

describe('an item', () => {
  it('of a rollback starts an execution that names the change, with the signer as its requester', async () => {
    const { send, begin, started, lines } = setUp();
    const { run } = await begin('begin rollbacks', EVE);
    const item = { startedAt: NOON, finding: 'f', execution: 'e', started: NOON, force: true };
    expect((await send('do rollbacks', item, { run }, EVE)).body.result).toMatch(/^execution:rollback-/);
    expect(lines).toEqual([`f by ${EVE}`]);
    expect(started.map(({ input }) => input)).toEqual([
      { askedBy: EVE, rollback: { finding: 'f', execution: 'e', started: NOON, force: true } },
    ]);
  });

  it('of a replay has the original input, never that of the sender', async () => {
    const { send, begin, started } = setUp();
    const { run } = await begin('begin replays');
    const item = { startedAt: NOON, finding: 'f', how: 'start' };
    expect(await send('do replays', { ...item, input: { rollback: {} } }, { run })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('input') },
    });
    await send('do replays', item, { run });
    expect(started.map(({ input }) => input)).toEqual([{ ...EVENT, askedBy: ADA }]);
  });

  it('of a replay is refused if the plan has changed, and if the ledger does not know the finding', async () => {
    const { send, begin, started } = setUp();
    const { run } = await begin('begin replays');
    const item = { startedAt: NOON, finding: 'f', how: 'redrive' };
    expect(await send('do replays', item, { run })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('start, because it succeeded') },
    });
    const unknown = setUp({ planReplay: async () => undefined });
    const other = await unknown.begin('begin replays');
    expect((await unknown.send('do replays', item, { run: other.run })).status).toBe(404);
    expect(started).toEqual([]);
  });

  it('of a backfill has the finding of Security Hub, and plans unless it applies', async () => {
    const { send, begin, started } = setUp();
    const { run } = await begin('begin backfills');
    const { body } = await send('do backfills', { startedAt: NOON, findings: ['f', 'gone'], apply: false }, { run });
    expect(body.problems).toEqual(['gone: Security Hub has no such finding any more']);
    expect(started.map(({ input }) => [input.detail, input.askedBy, input.startOptions])).toEqual([
      [{ findings: [{ Id: 'f' }] }, ADA, { mode: 'plan' }],
    ]);
    await send('do backfills', { startedAt: NOON, findings: ['f'], apply: true }, { run });
    expect(started[1]!.input.startOptions).toBeUndefined();
  });

  it('of an event replay needs a start before its end', async () => {
    const { send, begin } = setUp();
    const { run } = await begin('begin event-replays');
    const times = { from: '2026-11-22T11:00:00Z', to: NOON };
    expect((await send('do event-replays', { startedAt: NOON, ...times }, { run })).body).toEqual({
      result: `replay:suture-${run}`,
    });
    const turned = { startedAt: NOON, from: times.to, to: times.from };
    expect((await send('do event-replays', turned, { run })).status).toBe(400);
  });
});

describe('a redriven dead letter', () => {
  const redriveOf = async (queue: string, body: unknown, sentAtMs = Date.parse(NOON)) => {
    const letters = [{ id: 'm', body: JSON.stringify(body), receipt: 'r', sentAtMs }];
    const { deadLetters } = { deadLetters: { receive: async () => letters } };
    const others: string[] = [];
    const setup = setUp({
      deadLetters: {
        ...deadLetters,
        move: async (...move) => void others.push(`move ${move.join(' ')}`),
        remove: async (_, { id }) => void others.push(`remove ${id}`),
        send: async (queue, { body }) => void others.push(`send ${queue} ${body}`),
        invoke: async (name, event) => void others.push(`invoke ${name} ${event}`),
      },
    });
    const { run } = await setup.begin('begin redrives');
    const reply = await setup.send('do redrives', { startedAt: NOON, queue, perSecond: 10 }, { run });
    return { ...setup, reply, others };
  };

  it('starts an execution in the name of the signer, without options or a rollback', async () => {
    const forged = { ...EVENT, askedBy: EVE, startOptions: { again: true }, rollback: { finding: 'f' } };
    const { started, reply, others } = await redriveOf('suture-finding-events-dlq', forged);
    expect(reply.body).toMatchObject({ redriven: 1, later: [], until: NOON, problems: [], isMore: true });
    expect(started.map(({ input }) => input)).toEqual([{ ...EVENT, askedBy: ADA }]);
    expect(others).toEqual(['remove m']);
  });
  it('that came after the command began stays in the queue, with every method', async () => {
    for (const queue of ['suture-finding-events-dlq', 'suture-notify-dlq', 'suture-finding-updates-dlq']) {
      const { started, reply, others } = await redriveOf(queue, EVENT, Date.parse(NOON) + 1);
      expect(reply.body, queue).toMatchObject({ redriven: 0, later: ['m'], until: NOON, problems: [], isMore: true });
      expect([started, others], queue).toEqual([[], []]);
    }
  });
  it.each<[string, string, object, object]>([
    [
      'a failed invocation',
      'suture-notify-dlq',
      { kind: 'digest' },
      { requestPayload: { kind: 'digest' }, context: 1 },
    ],
    ['an update', 'suture-finding-updates-dlq', { kind: 'record' }, { kind: 'record' }],
    ['the event of a finding', 'suture-finding-events-dlq', EVENT, EVENT],
    [
      'the event of a place',
      'suture-notify-dlq',
      { detail: { id: 'e', at: 1 } },
      { detail: { again: 1, at: 1, id: 'e' } },
    ],
  ])('has the same content when it comes back, and another message has not: %s', async (_, queue, sent, back) => {
    const after = Date.parse(NOON) + 1;
    const { contents } = (await redriveOf(queue, sent)).reply.body as { contents: { redriven: string[] } };
    expect(contents).toEqual({ redriven: [expect.stringMatching(/^[0-9a-f]+$/)], later: [] });
    expect((await redriveOf(queue, back, after)).reply.body.contents).toEqual({
      redriven: [],
      later: contents.redriven,
    });
    const other = (await redriveOf(queue, { kind: 'other' }, after)).reply.body;
    expect(other.contents).not.toEqual({ redriven: [], later: contents.redriven });
  });
  it('that is not an event stays in its queue, and is reported as a problem', async () => {
    const { started, reply, others } = await redriveOf('suture-finding-events-dlq', { rollback: {} });
    expect(reply.body).toMatchObject({
      redriven: 0,
      problems: [expect.stringMatching(/^m: is not the event of a finding: .*detail.* missing or wrong/)],
    });
    expect([started, others]).toEqual([[], []]);
  });
  it('invokes its function with the event on which it failed', async () => {
    const { others } = await redriveOf('suture-notify-dlq', { requestPayload: { kind: 'digest' } });
    expect(others).toEqual(['invoke suture-notify {"kind":"digest"}', 'remove m']);
  });
  it('that updates a finding is sent again by the API, so that its role is the sender', async () => {
    const { others } = await redriveOf('suture-finding-updates-dlq', { kind: 'record' });
    expect(others).toEqual(['send suture-finding-updates {"kind":"record"}', 'remove m']);
  });
  it('about an approval is dropped, and reported as a problem', async () => {
    const { reply, others } = await redriveOf('suture-finding-updates-dlq', { kind: 'approval' });
    expect(reply.body).toMatchObject({
      redriven: 0,
      problems: [expect.stringMatching(/^m: dropped: only the workflow/)],
    });
    expect(others).toEqual(['remove m']);
  });
  it('of another queue is moved back by SQS', async () => {
    const { others } = await redriveOf('suture-failures-dlq', {});
    expect(others).toEqual(['move suture-failures-dlq suture-failures 10']);
  });
  it('of an unknown queue is refused', async () => {
    expect((await redriveOf('suture-finding-updates', {})).reply.status).toBe(404);
  });
});

describe('the signer', () => {
  it.each<[ApiRouteName, object]>([
    ['stop', { reason: 'why' }],
    ['resume', { reason: 'why', at: NOON }],
    ['begin replays', { reason: 'why', selection: {} }],
    ['addPolicy', { policy: { version: 1, controls: {} }, after: null }],
  ])('of %s cannot be replaced by the body', async (route, fields) => {
    const { send } = setUp();
    expect((await send(route, fields)).status).toBe(200);
    for (const field of ['by', 'actor', 'askedBy'])
      expect(await send(route, { ...fields, [field]: EVE })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(field) },
      });
  });
  it('is kept with a deployment', async () => {
    const { send, others } = setUp();
    expect((await send('deployPolicy', '', { version: '7' }, EVE)).body).toEqual({ deployment: 3 });
    expect(others).toEqual([`deployed by ${EVE}`]);
    expect((await send('deployPolicy', '', { version: 'latest' })).status).toBe(404);
  });
});

it.each(['', '{', '[]', 'null', '"stop"'])('a body that is not an object is refused: %s', async (body) => {
  const { send } = setUp();
  expect((await send('stop', body)).status).toBe(400);
});

describe('address ranges', () => {
  const DOCUMENT = { syncToken: '7', prefixes: [] };
  const DIGEST = 'd'.repeat(64);

  it('are read and changed by requests that name the signer, and each change has an audit line', async () => {
    const { send, requests, runs, others } = setUp();
    const { body } = await send('readIpRanges', { command: 'plan', adopt: true });
    expect(requests.get(body.id)).toMatchObject({ by: ADA, at: NOON, command: { command: 'plan', adopt: true } });
    expect(runs.size).toBe(0);
    const { body: changed } = await send('changeIpRanges', { command: 'apply', targets: ['shop'] }, undefined, EVE);
    expect(requests.get(changed.id)).toMatchObject({ by: EVE, command: { command: 'apply', targets: ['shop'] } });
    expect([...runs.values()]).toMatchObject([
      { run: changed.id, action: 'ip-ranges apply', by: EVE, selection: { targets: 'shop' }, endedAt: NOON },
    ]);
    expect(others).toEqual([`begin ${body.id}`, `begin ${changed.id}`]);
  });

  it.each<[string, ApiRouteName, object]>([
    ['a change by a route that only reads', 'readIpRanges', { command: 'apply' }],
    ['a document to read', 'readIpRanges', { command: 'plan', document: DOCUMENT }],
    ['a document to apply', 'changeIpRanges', { command: 'apply', document: DOCUMENT }],
    ['an approval to apply', 'changeIpRanges', { command: 'apply', approved: 'd' }],
    ['another person', 'changeIpRanges', { command: 'apply', by: EVE }],
    ['a proposal without a reason', 'proposeIpRanges', { request: '0123456789ab' }],
    ['a document to propose that nobody planned', 'proposeIpRanges', { document: DOCUMENT, reason: 'why' }],
  ])('refuse %s', async (_, route, request) => {
    const { send, requests, others } = setUp();
    expect((await send(route, request)).status).toBe(400);
    expect([requests.size, others]).toEqual([0, []]);
  });

  const plannedBy = async ({ send, requests }: ReturnType<typeof setUp>, result: object = PLAN) => {
    const { id } = (await send('planIpRangesDocument', { document: DOCUMENT })).body;
    requests.set(id, { ...requests.get(id)!, result });
    return id as string;
  };
  const begun = ({ requests }: ReturnType<typeof setUp>) => [...requests.values()].at(-1)!;
  const PLAN = {
    digest: DIGEST,
    targets: [{ target: 'shop', calls: [{ call: 'Authorize', on: 'sg-1', add: ['443/tcp from 11.0.0.0/8'] }] }],
  };

  it('of a planned document are proposed, and begun by the approval of another person, once', async () => {
    const api = setUp();
    const planned = await plannedBy(api);
    const { proposal } = (await api.send('proposeIpRanges', { request: planned, reason: 'why' })).body;
    expect(proposal).toMatchObject({
      kind: 'ip-ranges',
      by: ADA,
      digest: DIGEST,
      summary: ['a document that AWS does not publish: why', 'shop: Authorize sg-1 + 443/tcp from 11.0.0.0/8'],
    });
    const answer = { answer: 'approve', digest: DIGEST };
    const approve = (by: string) => api.send('answerProposal', answer, { id: proposal.id }, by);
    const again = ADA.replace('suture-operator', 'suture-approver');
    expect([(await approve(ADA)).status, (await approve(again)).status]).toEqual([403, 403]);
    expect(api.requests.size).toBe(1);
    const { status, body } = await approve(EVE);
    expect([status, body.request]).toEqual([200, begun(api).id]);
    expect(begun(api)).toMatchObject({ document: DOCUMENT, approved: DIGEST, command: { command: 'apply' } });
    expect(api.others.at(-1)).toBe(`begin ${begun(api).id}`);
    expect((await approve(EVE)).status).toBe(409);
    expect(api.requests.size).toBe(2);
  });

  it('of a planned document are begun at once if the organization has one person, with the reason in the record', async () => {
    const api = setUp({ onePerson: true });
    const { body } = await api.send('proposeIpRanges', { request: await plannedBy(api), reason: 'why' });
    expect(body).toEqual({ request: begun(api).id });
    expect(begun(api)).toMatchObject({ approved: DIGEST, by: ADA });
    expect([...api.proposals.values()]).toMatchObject([
      { kind: 'ip-ranges', state: 'done', alone: expect.stringContaining('onePerson') },
    ]);
  });

  it('are not proposed without a plan of a document that changes something', async () => {
    const api = setUp();
    const propose = async (request: string) => (await api.send('proposeIpRanges', { request, reason: 'why' })).status;
    const { id: published } = (await api.send('readIpRanges', { command: 'plan' })).body;
    api.requests.set(published, { ...begun(api), result: PLAN });
    expect(await propose(published)).toBe(409);
    expect(await propose(await plannedBy(api, { error: { name: 'x', message: 'y' } }))).toBe(409);
    expect(await propose(await plannedBy(api, { digest: DIGEST, targets: [{ target: 'shop' }] }))).toBe(409);
    const [shop] = PLAN.targets;
    for (const incomplete of [{ halted: true }, { error: { name: 'TargetBlocked', message: 'no room.' } }])
      expect(await propose(await plannedBy(api, { ...PLAN, targets: [shop, { ...shop, ...incomplete }] }))).toBe(409);
    expect(await propose('f'.repeat(12))).toBe(404);
    const add = Array.from({ length: 5000 }, (_, n) => `443/tcp from 10.0.${n}.0/24`);
    const calls = [{ call: 'Authorize', on: 'sg-1', add }];
    expect(await propose(await plannedBy(api, { digest: DIGEST, targets: [{ target: 'shop', calls }] }))).toBe(400);
    expect(api.proposals.size).toBe(0);
  });

  it('answer 413 to a document that is too large, and 404 to an unknown request and without the updater', async () => {
    const { send } = setUp();
    expect((await send('planIpRangesDocument', { document: { text: 'x'.repeat(1000) } })).status).toBe(413);
    expect((await send('ipRangesResult', {}, { id: 'f'.repeat(12) })).status).toBe(404);
    const { ipRanges } = { ipRanges: { requests: {} as never, begin: undefined } };
    expect((await setUp({ ipRanges }).send('readIpRanges', { command: 'plan' })).status).toBe(404);
  });

  it('have a result once the function has stored it', async () => {
    const { send, requests } = setUp();
    const { id } = (await send('readIpRanges', { command: 'status' })).body;
    expect((await send('ipRangesResult', {}, { id })).body).toEqual({});
    requests.set(id, { ...requests.get(id)!, result: { targets: [] } });
    expect((await send('ipRangesResult', {}, { id })).body).toEqual({ result: { targets: [] } });
  });
});
