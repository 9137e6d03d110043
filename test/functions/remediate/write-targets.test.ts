import { beforeEach, expect, it } from 'vitest';
import { SutureError } from '../../../functions/contract/errors.ts';
import type { PolicyDocument } from '../../../functions/domain/permissions.ts';
import { type EngineRun, writeTargets } from '../../../functions/remediate/run.ts';

/** Number of resources that STS can pack into one session. */
let packable: number;
let written: string[][];
let sessions: number;
beforeEach(() => {
  packable = Number.POSITIVE_INFINITY;
  written = [];
  sessions = 0;
});

const run = {
  module: {
    id: 'toy/rename',
    writes: [{ actions: ['s3:PutObject'], resources: ['arn:{partition}:s3:::{bucket}'], because: 'a toy' }],
    write: async ({ targets }: { targets: { bucket: string }[] }) =>
      void written.push(targets.map(({ bucket }) => bucket)),
  },
  request: { mode: 'apply' },
  context: { partition: 'aws', account: '333333333333', region: 'us-east-1' },
  deps: {
    session: async ({ Statement: [first] }: PolicyDocument) => {
      if ([first!.Resource].flat().length > packable) throw new SutureError('PackedPolicyTooLarge', '104%');
      sessions += 1;
      return {};
    },
  },
} as unknown as EngineRun;
const targets = ['a', 'b', 'c', 'd', 'e'].map((bucket) => ({ bucket }));

it('writes all targets in one session', async () => {
  await writeTargets(run, targets, {}, {});
  expect([written, sessions]).toEqual([[['a', 'b', 'c', 'd', 'e']], 1]);
});

it('halves the targets that STS cannot pack into one session, and writes each once', async () => {
  packable = 2;
  await writeTargets(run, targets, {}, {});
  expect(written).toEqual([['a', 'b'], ['c'], ['d', 'e']]);
});

it('fails with PackedPolicyTooLarge if STS cannot pack one target', async () => {
  packable = 0;
  await expect(writeTargets(run, targets, {}, {})).rejects.toMatchObject({ name: 'PackedPolicyTooLarge' });
  expect(written).toEqual([]);
});
