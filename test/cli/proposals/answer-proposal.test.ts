import { describe, expect, it } from 'vitest';
import type { ProposalApi } from '../../../cli/clients/proposals.ts';
import { answerProposal } from '../../../cli/proposals/answer-proposal.ts';

const IDS = ['6b0dd2f66c1dd422', '6b0dffff6c1dd422', '692a7f10c0ffee00'];

/** Knows three proposals, and takes every answer. */
function fakeApi() {
  const answered: string[] = [];
  const api = {
    list: async () => IDS.map((id) => ({ id })),
    show: async (id: string) => {
      if (!IDS.includes(id)) throw new Error(`There is no proposal ${id}.`);
      return {
        id,
        digest: 'd',
        subject: { kind: 'resume' },
        kind: 'resume',
        by: 'ann',
        at: 'a',
        until: 'u',
        summary: [],
      };
    },
    answer: async (id: string) => {
      answered.push(id);
      return { proposal: { answer: { by: 'bob' } } };
    },
  } as unknown as ProposalApi;
  const answer = (id: string) => answerProposal('deny', id, { api, yes: true, json: true });
  return { answer, answered, api };
}

describe('a proposal', () => {
  it('is shown and then refused to somebody whom IAM denies the answer, before the question', async () => {
    const { api } = fakeApi();
    const steps: string[] = [];
    const requirePermission = async (id: string) => {
      throw new Error(`IAM does not let you answer ${id}`);
    };
    const answer = answerProposal('approve', '692a7f10c0ffee00', {
      api: { ...api, requirePermission },
      show: () => void steps.push('shown'),
    });
    await expect(answer).rejects.toThrow('IAM does not let you answer 692a7f10c0ffee00');
    expect(steps).toEqual(['shown']);
  });
  it('of a policy is shown with every change of its version, those first that let Suture write more', async () => {
    const { api } = fakeApi();
    const before = { version: 1, controls: { 'EC2.13': 'observe', 'S3.8': 'auto' } };
    const versions: readonly object[] = [
      before,
      {
        ...before,
        controls: { ...before.controls, 'EC2.13': 'auto', 'S3.8': 'off' },
        exemptions: [
          { id: 'website', reason: 'public', owner: 'ann', expires: '2027-01-31', criteria: { control: 'S3.8' } },
        ],
      },
    ];
    const proposal = {
      ...(await api.show('692a7f10c0ffee00')),
      kind: 'policy',
      subject: { version: 2, against: { version: 1, deployment: 1 } },
      summary: ['EC2.13: observe → auto'],
    };
    const shown: string[] = [];
    await answerProposal('deny', proposal.id, {
      api: { ...api, show: async () => proposal } as unknown as ProposalApi,
      policies: { contentOf: async (version) => versions[version - 1] },
      yes: true,
      show: (text) => void shown.push(text),
    });
    const changes = shown.join().split('\n').slice(5);
    expect(changes[0]).toBe('! EC2.13: observe → auto');
    expect(changes.filter((line) => line.includes('EC2.13'))).toHaveLength(1);
    expect(changes).toContainEqual(expect.stringMatching(/^ {2}S3\.8: auto → off/));
    expect(changes).toContainEqual(expect.stringMatching(/exemption.*website/));
    expect(changes.at(-2)).toBe('3 changes; approval makes all of them.');
  });
  it('of a policy whose version is gone is denied, and not approved', async () => {
    const { api, answered } = fakeApi();
    const subject = { version: 2, against: null };
    const gone = {
      api: {
        ...api,
        show: async (id: string) => ({ ...(await api.show(id)), kind: 'policy', subject }),
      } as unknown as ProposalApi,
      policies: { contentOf: () => Promise.reject(new Error('There is no version 2')) },
      yes: true,
      show: () => {},
    };
    await expect(answerProposal('approve', IDS[2]!, gone)).rejects.toThrow('There is no version 2');
    expect(answered).toEqual([]);
    await answerProposal('deny', IDS[2]!, gone);
    expect(answered).toEqual([IDS[2]]);
  });
  it.each([
    ['done', { answer: { by: 'bob', at: 'noon' } }, 'is done: approved by bob at noon. See what waits'],
    ['denied', { answer: { by: 'bob', at: 'noon' } }, 'is denied by bob at noon. See what waits'],
    ['approved', { alone: 'one person' }, 'is approved: ann needed nobody else at a. See what waits'],
  ])('that is %s is refused at once with its answer, without a question', async (state, answer, message) => {
    const { api } = fakeApi();
    const show = async (id: string) => ({ ...(await api.show(id)), state, ...answer });
    const answered = answerProposal('approve', '692a7f10c0ffee00', {
      api: { ...api, show, requirePermission: async () => {} } as unknown as ProposalApi,
    });
    await expect(answered).rejects.toMatchObject({ name: 'Failure', message: expect.stringContaining(message) });
  });
  it('that nobody approved in time is refused before the question, with the command that proposes it again', async () => {
    const { api } = fakeApi();
    const until = '2026-03-03T10:00:00.000Z';
    const show = async (id: string) => ({ ...(await api.show(id)), state: 'open', until });
    const answerAt = (now: string) => {
      const shown: string[] = [];
      const answered = answerProposal('approve', '692a7f10c0ffee00', {
        api: { ...api, show, requirePermission: async () => {} } as unknown as ProposalApi,
        now: () => Date.parse(now),
        show: (text) => void shown.push(text),
      });
      return { answered, shown };
    };
    const late = answerAt(until);
    await expect(late.answered).rejects.toMatchObject({
      name: 'Failure',
      message: `Nobody approved proposal 692a7f10c0ffee00 until ${until}. ann must propose it again: suture resume --reason "…"`,
    });
    expect(late.shown).toEqual([]);
    await expect(answerAt('2026-03-03T09:59:59.999Z').answered).rejects.toThrow('Standard input is not a terminal');
  });
  it('is answered by its id, or by digits with which no other begins', async () => {
    const { answer, answered } = fakeApi();
    for (const id of ['692a7f10c0ffee00', '692a', '6b0dd']) await answer(id);
    expect(answered).toEqual(['692a7f10c0ffee00', '692a7f10c0ffee00', '6b0dd2f66c1dd422']);
  });
  it('is not guessed', async () => {
    const { answer, answered } = fakeApi();
    await expect(answer('6b0d')).rejects.toThrow('"6b0d" names 2 proposals. Give one of: 6b0dd2f66c1dd422, 6b0dffff');
    await expect(answer('692')).rejects.toThrow('There is no proposal 692.');
    await expect(answer('7777')).rejects.toThrow('There is no proposal 7777.');
    expect(answered).toEqual([]);
  });
});
