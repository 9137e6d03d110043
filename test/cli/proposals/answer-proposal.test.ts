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
