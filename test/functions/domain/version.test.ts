import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Job, QueueMessage, RemediationRequest } from '../../../functions/domain/job.ts';
import { JournalEntry } from '../../../functions/domain/journal.ts';
import { parseInput } from '../../../functions/domain/version.ts';

const FINDING = { id: 'f', productArn: 'p' };
const JOB = { v: 3, execution: 'e', started: 's', route: 'ignore', reason: 'r', finding: FINDING };
/** `also`: a later version that is understood too. */
const FORMATS: Record<string, { schema: z.ZodType; value: { v: number }; also?: number }> = {
  job: { schema: Job, value: JOB },
  'remediation request': {
    schema: RemediationRequest,
    also: 4,
    value: {
      v: 3,
      mode: 'plan',
      execution: 'e',
      started: '2026-11-22T02:00:00Z',
      finding: { ...FINDING, control: 'EC2.13', account: '333333333333', region: 'us-east-1', partition: 'aws' },
      target: {},
      params: {},
      policy: { mode: 'auto', tags: {} },
    } as { v: number },
  },
  'finding-update message': { schema: QueueMessage, value: { v: 3, kind: 'record', job: JOB } as { v: number } },
  'journal entry': {
    schema: JournalEntry,
    value: {
      v: 3,
      key: 'k',
      at: 'a',
      status: 'done',
      partition: 'aws',
      account: '333333333333',
      region: 'us-east-1',
      target: 'arn',
      params: {},
      version: 1,
      execution: 'e',
      targets: [],
      before: 1,
      after: 2,
      note: '',
    } as { v: number },
  },
};

describe.each(Object.entries(FORMATS))('a %s', (format, { schema, value, also }) => {
  it('is accepted with v 3', () => {
    expect(schema.parse(value)).toEqual(value);
    if (also) expect(schema.parse({ ...value, v: also })).toEqual({ ...value, v: also });
  });
  it.each([
    ['v 2', { ...value, v: 2 }],
    ['v 5', { ...value, v: 5 }],
    ['v "3"', { ...value, v: '3' }],
    ['no v', { ...value, v: undefined }],
  ])('with %s is refused by its name, with both versions', (found, other) => {
    const { issues } = schema.safeParse(other).error!;
    expect(issues).toMatchObject([{ path: ['v'], message: expect.stringContaining(`the ${format} has ${found}, `) }]);
    expect(issues[0]!.message).toContain(`only v ${also ? `3 and ${also}` : 3} is understood`);
  });
  it('of another version is refused for its version alone, whatever its fields', () => {
    expect(schema.safeParse({ v: 1 }).error!.issues).toHaveLength(1);
  });
});

describe('the input of a function', () => {
  it('with an unknown version fails as ConfigurationInvalid', () => {
    expect(() => parseInput(z.object({ job: Job }), { job: { ...JOB, v: 1 } })).toThrow(
      expect.objectContaining({
        name: 'ConfigurationInvalid',
        message:
          'The job has v 1, and only v 3 is understood; deploy all stacks of one release, then start the execution again.',
      }),
    );
  });
  it('that is malformed fails as ConfigurationInvalid, and says where', () => {
    expect(() => parseInput(Job, { ...JOB, route: 'elsewhere' })).toThrow(
      expect.objectContaining({ name: 'ConfigurationInvalid', message: expect.stringContaining('route: ') }),
    );
  });
});
