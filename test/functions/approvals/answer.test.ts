import { describe, expect, it } from 'vitest';
import type { AnswerDeps } from '../../../functions/approvals/answer.ts';
import { replyTo } from '../../../functions/approvals/http.ts';
import type { Job } from '../../../functions/domain/job.ts';
import type { Approvals, StoredApproval } from '../../../functions/ports/approvals.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const ID = 'a'.repeat(32);
const ADA = 'arn:aws:sts::111111111111:assumed-role/Operator/ada';
const GRACE = 'arn:aws:sts::111111111111:assumed-role/Operator/grace';
const JOB = {
  execution: 'arn:execution',
  finding: {
    id: 'finding',
    control: 'S3.8',
    account: '333333333333',
    title: 'A bucket',
    resource: { Id: 'arn:bucket' },
  },
  work: { remediation: 's3/block', risk: 'disruptive', approvalSeconds: 3600 },
  result: { kind: 'planned', before: 'open', after: 'shut', summary: 'shuts it', loses: 'the links' },
  askedBy: ADA,
} as unknown as Job;
const WAITING: StoredApproval = {
  id: ID,
  status: 'waiting',
  token: 'secret',
  job: JOB,
  askedAt: '2026-11-22T12:00:00.000Z',
};

function setUpApproval(start: Partial<StoredApproval> = {}, execution: 'waits' | 'gone' = 'waits') {
  let item: StoredApproval = { ...WAITING, ...start };
  let now = NOON + 60_000;
  let waits = execution === 'waits';
  const delivered: string[] = [];
  const failures: string[] = [];
  const throwIfDue = (step: string) => {
    if (failures[0] === step) throw new Error(`died at ${failures.shift()}`);
  };
  const approvals: Approvals = {
    listWaiting: async () => ({ approvals: item ? [item] : [] }),
    find: async (id) => (item.id === id ? item : undefined),
    claim: async (_, answer) => {
      throwIfDue('claim');
      if (item.status !== 'waiting') return false;
      item = { ...item, status: 'answering', answer };
      return true;
    },
    settle: async (_, status) => {
      throwIfDue('settle');
      item = { ...item, status };
    },
    recordOutcome: async () => {},
  };
  const deps: AnswerDeps = {
    approvals,
    requesters: { redrove: async () => [] },
    now: () => now,
    sign: async () => 'signature',
    send: async (token, answer) => {
      throwIfDue('send');
      if (!waits) return 'gone';
      waits = false;
      delivered.push(`${token}: ${answer.approved} by ${answer.by}`);
      return 'sent';
    },
  };
  const request = (httpMethod: string, id: string | undefined, actor = GRACE, body?: unknown) =>
    replyTo(
      {
        httpMethod,
        resource: id === undefined ? '/approvals' : '/approvals/{id}',
        pathParameters: id === undefined ? null : { id },
        requestContext: { identity: { userArn: actor } },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      },
      deps,
    );
  return {
    request,
    post: (answer: string, actor = GRACE) => request('POST', ID, actor, { answer }),
    throwAt: (step: string) => failures.push(step),
    advance: (milliseconds: number) => (now += milliseconds),
    delivered,
    status: () => item.status,
  };
}

describe('an answer', () => {
  it.each([
    ['approve', true],
    ['deny', false],
  ])('to %s goes to the execution with the name of the signer', async (answer, approved) => {
    const { post, delivered, status } = setUpApproval();
    expect(await post(answer)).toMatchObject({ status: 200, body: { id: ID, answer, by: GRACE } });
    expect(delivered).toEqual([`secret: ${approved} by ${GRACE}`]);
    expect(status()).toBe('answered');
  });

  it("is accepted once, and a second one is refused with the first person's name", async () => {
    const { post, delivered } = setUpApproval();
    await post('deny');
    const second = await post('approve', 'arn:aws:iam::111111111111:user/linus');
    expect(second).toMatchObject({
      status: 409,
      body: { by: GRACE, message: expect.stringContaining('denied it at') },
    });
    expect(delivered).toHaveLength(1);
  });

  it('is accepted once of two simultaneous ones', async () => {
    const { post, delivered } = setUpApproval();
    const replies = await Promise.all([post('approve'), post('deny', 'arn:aws:iam::111111111111:user/linus')]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { answer, by } = replies.find(({ status }) => status === 200)!.body as { answer: string; by: string };
    expect(delivered).toEqual([`secret: ${answer === 'approve'} by ${by}`]);
  });

  it('is refused to the requester of the change, who may still deny it', async () => {
    const { post, delivered, status } = setUpApproval();
    expect(await post('approve', ADA)).toMatchObject({ status: 403, body: { message: expect.stringContaining(ADA) } });
    expect(delivered).toEqual([]);
    expect(status()).toBe('waiting');
    expect(await post('deny', ADA)).toMatchObject({ status: 200 });
  });

  it.each([
    ['after the deadline', setUpApproval, (setup: ReturnType<typeof setUpApproval>) => setup.advance(3_600_000)],
    ['when it is marked as timed out', () => setUpApproval({ status: 'timedOut' }), () => {}],
    ['when the execution is gone', () => setUpApproval({}, 'gone'), () => {}],
  ])('is refused as too late %s', async (_, make, before) => {
    const setup = make();
    before(setup);
    expect(await setup.post('approve')).toMatchObject({ status: 410 });
    expect(setup.delivered).toEqual([]);
  });

  it.each(['claim', 'send', 'settle'])(
    'survives a crash of the function at %s: the next request completes it',
    async (step) => {
      const { post, throwAt, delivered, status } = setUpApproval();
      throwAt(step);
      await expect(post('approve')).rejects.toThrow(`died at ${step}`);
      const again = await post('deny', 'arn:aws:iam::111111111111:user/linus');
      const first = step !== 'claim';
      expect(again.status).toBe(first ? 409 : 200);
      expect(delivered).toEqual([
        first ? `secret: true by ${GRACE}` : 'secret: false by arn:aws:iam::111111111111:user/linus',
      ]);
      expect(status()).toBe('answered');
    },
  );
});

describe('a request', () => {
  it.each<[what: string, method: string, id: string, body: unknown, status: number, says: RegExp]>([
    ['for something unknown', 'POST', 'b'.repeat(32), { answer: 'approve' }, 404, /no approval b+/],
    ['for something that is not an id', 'GET', 'favicon.ico', undefined, 404, /32 hexadecimal/],
    ['without a body', 'POST', ID, undefined, 400, /"approve" \| "deny"/],
    ['with broken JSON', 'POST', ID, '{', 400, /"approve" \| "deny"/],
    ['with another answer', 'POST', ID, { answer: 'maybe' }, 400, /answer: /],
    ['that names its own actor', 'POST', ID, { answer: 'approve', by: ADA }, 400, /by/],
    ['with too long a reason', 'POST', ID, { answer: 'deny', reason: 'x'.repeat(301) }, 400, /reason: /],
  ])('%s is refused', async (_, method, id, body, status, says) => {
    const { request, delivered } = setUpApproval();
    const refused = await request(method, id, GRACE, body);
    expect(refused.status).toBe(status);
    expect((refused.body as { message: string }).message).toMatch(says);
    expect(delivered).toEqual([]);
  });

  it('lists waiting approvals with their change, their loss and their deadline', async () => {
    const { request } = setUpApproval();
    expect(await request('GET', undefined)).toEqual({
      status: 200,
      body: {
        approvals: [
          expect.objectContaining({
            ...{ id: ID, control: 'S3.8', account: '333333333333', resource: 'arn:bucket', risk: 'disruptive' },
            ...{ before: 'open', after: 'shut', summary: 'shuts it', loses: 'the links', askedBy: ADA },
            ...{ askedAt: '2026-11-22T12:00:00.000Z', until: '2026-11-22T13:00:00.000Z' },
          }),
        ],
        next: undefined,
      },
    });
  });
  it('does not list expired approvals', async () => {
    const { request, advance } = setUpApproval();
    advance(3_600_000);
    expect(await request('GET', undefined)).toMatchObject({ body: { approvals: [] } });
  });
  it('never contains the token', async () => {
    const { request } = setUpApproval();
    for (const id of [undefined, ID]) {
      const answer = await request('GET', id);
      expect([answer.status, JSON.stringify(answer)]).toEqual([200, expect.not.stringContaining('secret')]);
    }
  });
});
