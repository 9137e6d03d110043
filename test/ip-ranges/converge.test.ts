import { describe, expect, it } from 'vitest';
import { converge, type RunClock } from '../../ip-ranges/function/converge.ts';
import { awsError, clockOf } from './model.ts';

/** Plans that never change, and calls that are counted. */
function running({
  steps = ['a'],
  perform = async () => {},
  read = async () => ({}),
  clock = clockOf(),
}: {
  steps?: readonly string[];
  perform?: (step: string) => Promise<unknown>;
  read?: () => Promise<object>;
  clock?: RunClock;
}) {
  const begun: string[] = [];
  const world = {
    read,
    async perform(step: string) {
      begun.push(step);
      await perform(step);
    },
  };
  const run = converge(world, () => ({ steps }), clock);
  return { run, begun };
}

describe('a run', () => {
  it('fails after a hundred plans that still have steps, without any error', async () => {
    const { run, begun } = running({});
    await expect(run).rejects.toMatchObject({
      name: 'NotConverged',
      message: expect.stringMatching(/^After 100 plans one call is left\. What was done is safe/),
    });
    expect(begun).toHaveLength(100);
  });
  it.each([
    [29, 3],
    [28, 3],
    [27.9, 2],
  ])('begins no call that could end after the deadline, %d s away', async (seconds, calls) => {
    const clock = clockOf({ minutes: seconds / 60 });
    const { run, begun } = running({ steps: ['a', 'b', 'c', 'd', 'e'], perform: () => clock.sleep(10_000), clock });
    await expect(run).rejects.toMatchObject({ name: 'Throttled', message: expect.stringMatching(/calls left/) });
    expect(begun).toHaveLength(calls);
  });
  it('reads again after ServiceUnavailable', async () => {
    let reads = 0;
    const read = async () => {
      if (++reads < 3) throw awsError('ServiceUnavailable');
      return {};
    };
    const { run, begun } = running({ steps: [], read });
    expect([await run, reads, begun]).toEqual([{ plan: { steps: [] }, done: [], rounds: 2 }, 3, []]);
  });
  it('fails at once if a read ends with an error that is retried for writes', async () => {
    const read = async () => {
      throw awsError('InvalidGroup.NotFound');
    };
    await expect(running({ read }).run).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
  });
  it('waits longer after each failure, up to 20 s', async () => {
    const waits: number[] = [];
    const clock = {
      ...clockOf(),
      random: () => 1,
      sleep: async (milliseconds: number) => void waits.push(milliseconds),
    };
    const perform = async () => {
      throw awsError('InvalidPermission.Duplicate');
    };
    await expect(running({ perform, clock }).run).rejects.toMatchObject({ name: 'NotConverged' });
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000, 20_000]);
  });
});
