import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { arn } from '../../../../functions/contract/remediation.ts';
import { resourceType } from '../../../../functions/remediations/kit/resource-type.ts';
import { setting } from '../../../../functions/remediations/kit/setting.ts';

type Door = { Locked?: boolean; Bolts?: number | null; Status?: string; Waiting?: object };
/** A client with one door. */
class Doors {
  door: Door | undefined = {};
  finds = 0;
  readonly changes: object[] = [];
  error: Error | undefined;
}

const DOOR = 'arn:{partition}:house:{region}:{account}:door/{door}';
const door = resourceType({
  target: arn('AwsHouseDoor', DOOR),
  clients: { doors: Doors as unknown as new () => Doors },
  cloudFormation: 'AWS::House::Door',
  terraform: 'aws_house_door',
  reads: [{ actions: ['house:Describe'], resources: [DOOR], because: 'its attributes' }],
  writes: { actions: ['house:Modify'], resources: [DOOR], because: 'sets them' },
  attributes: {
    Locked: { type: z.boolean(), default: true, terraform: 'locked' },
    Bolts: { type: z.int(), default: 1, terraform: 'bolts', actions: ['house:Bolt'] },
    Sign: {
      type: z.enum(['open', 'closed']).nullable(),
      default: null,
      terraform: 'sign',
      also: [{ actions: ['iam:PassRole'], resources: ['*'], because: 'the painter' }],
    },
  },
  busyErrors: ['DoorSwings'],
}).by({
  find: async ({ doors }): Promise<Door | undefined> => {
    doors.finds += 1;
    return doors.door;
  },
  async change({ doors }, values) {
    if (doors.error) throw doors.error;
    doors.changes.push(values);
  },
  tags: () => ({ owner: 'me' }),
  busy: ({ Status }) => (Status === 'swinging' ? 'it swings' : undefined),
  obstacle: ({ Status }) => (Status === 'broken' ? 'it is broken' : undefined),
  pending: ({ Waiting }, values) => (values.Bolts === undefined ? undefined : Waiting),
});

const lock = setting(door, {
  id: 'house/lock-doors',
  title: 'Lock a door',
  controls: ['House.1'],
  risk: 'disruptive',
  params: z.strictObject({ bolts: z.int().default(2) }),
  riskOf: ({ Bolts }) => (Bolts === 0 ? 'disruptive' : 'safe'),
  wants: { Locked: true, Bolts: (current, { bolts }) => Math.max(current, bolts) },
  refuses: ({ Status }) => (Status === 'rotating' ? 'it has no lock' : undefined),
});

const contextOf = (found: Door | undefined) => {
  const doors = new Doors();
  doors.door = found;
  const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
  return { ...place, doors, target: { door: 'd' }, params: { bolts: 2 }, control: 'House.1', now: new Date(0) };
};

describe('a setting reads', () => {
  it('AWS’s default if the resource lacks the attribute', async () => {
    expect(await lock.read(contextOf({ Bolts: null }))).toEqual({ Locked: true, Bolts: 1 });
    expect(await lock.read(contextOf({ Locked: false, Bolts: 0 }))).toEqual({ Locked: false, Bolts: 0 });
  });
  it('nothing if the resource is gone', async () => {
    const context = contextOf(undefined);
    expect(await lock.read(context)).toBeUndefined();
    expect(await lock.objection!(context)).toBeUndefined();
    expect(await lock.tags!(context)).toEqual({});
  });
  it('the resource once for a whole plan', async () => {
    const context = contextOf({});
    await lock.read(context);
    await lock.objection!(context);
    expect(await lock.tags!(context)).toEqual({ owner: 'me' });
    expect(context.doors.finds).toBe(1);
    await lock.read(context);
    expect(context.doors.finds).toBe(2);
  });
});

it('a setting wants its values, or keeps a higher value that passes', () => {
  expect(lock.want({ Locked: false, Bolts: 0 }, contextOf({}))).toEqual({ Locked: true, Bolts: 2 });
  expect(lock.want({ Locked: true, Bolts: 9 }, contextOf({}))).toEqual({ Locked: true, Bolts: 9 });
});

it('a setting wants a value that depends on another attribute', () => {
  const facts = { id: 'house/bolt-doors', title: 'Bolt', controls: ['House.3'], risk: 'safe' } as const;
  const wants = {
    Locked: (on: boolean) => on,
    Bolts: (n: number, _: {}, { state }: { state: Pick<Door, 'Locked'> }) => (state.Locked ? n : 3),
  };
  const bolt = setting(door, { ...facts, wants });
  expect(bolt.want({ Locked: true, Bolts: 0 }, contextOf({}))).toEqual({ Locked: true, Bolts: 0 });
  expect(bolt.want({ Locked: false, Bolts: 0 }, contextOf({}))).toEqual({ Locked: false, Bolts: 3 });
});

describe('a setting writes', () => {
  it('only attributes that differ, and its summary names them', async () => {
    const context = { ...contextOf({}), targets: [] };
    const [from, to] = [
      { Locked: true, Bolts: 0 },
      { Locked: true, Bolts: 2 },
    ];
    await lock.write(context, from, to);
    await lock.write(context, to, to);
    expect(context.doors.changes).toEqual([{ Bolts: 2 }]);
    expect(lock.summary(from, to)).toBe('Bolts 0 → 2');
    expect(lock.declared!(from, to, context)).toMatchObject({
      cloudFormation: 'Bolts: 2 (AWS::House::Door)',
      terraform: 'bolts = 2 (aws_house_door)',
    });
  });
  it('nothing if the type refuses the change, and returns that refusal', async () => {
    const full = { ...door, change: async () => ({ refused: 'the wall has no room' }) };
    const facts = { id: 'house/bolt-doors', title: 'Bolt', controls: ['House.3'], risk: 'safe' } as const;
    const context = { ...contextOf({ Bolts: 1 }), targets: [] };
    const write = setting(full, { ...facts, wants: { Bolts: 3 } }).write(context, { Bolts: 1 }, { Bolts: 3 });
    expect(await write).toEqual({ refused: 'the wall has no room' });
  });
  it('its cost by the figures of the resource, if it has one', async () => {
    const facts = { id: 'house/bolt-doors', title: 'Bolt', controls: ['House.3'], risk: 'safe' } as const;
    const bolt = setting(door, {
      ...facts,
      wants: { Bolts: 3 },
      costs: ({ Bolts: from }, { Bolts: to }, { Locked }) =>
        to > from ? `$${to - from} a month, ${Locked ? 'locked' : 'open'}` : undefined,
    });
    const context = contextOf({ Locked: true, Bolts: 1 });
    expect(await bolt.costs!({ Bolts: 1 }, { Bolts: 3 }, context)).toBe('$2 a month, locked');
    expect(await bolt.costs!({ Bolts: 3 }, { Bolts: 1 }, context)).toBeUndefined();
    expect(setting(door, { ...facts, wants: { Bolts: 3 } }).costs).toBeUndefined();
  });
  it('later if AWS is busy, and fails with any other error', async () => {
    const context = { ...contextOf({}), targets: [] };
    const write = () => lock.write(context, { Locked: false, Bolts: 2 }, { Locked: true, Bolts: 2 });
    context.doors.error = Object.assign(new Error('it swings.'), { name: 'DoorSwings' });
    await expect(write()).rejects.toMatchObject({
      name: 'ResourceBusy',
      message: expect.stringContaining('it swings'),
    });
    context.doors.error = new RangeError('no such door');
    await expect(write()).rejects.toThrow(RangeError);
  });
});

describe('a setting leaves a resource alone', () => {
  const objection = (found: Door) => lock.objection!(contextOf(found));
  it('that never takes the change', async () => {
    expect(await objection({ Status: 'broken' })).toEqual({ refused: 'it is broken' });
    expect(await objection({ Status: 'rotating' })).toEqual({ refused: 'it has no lock' });
  });
  it('for a while if it is busy', async () => {
    await expect(objection({ Status: 'swinging' })).rejects.toMatchObject({
      name: 'ResourceBusy',
      message: expect.stringContaining('it swings'),
    });
  });
  it('if the change would apply changes of its owner, which it names', async () => {
    const Waiting = { Colour: 'red' };
    expect(await objection({ Waiting })).toMatchObject({ refused: expect.stringContaining('{"Colour":"red"}') });
    expect(await objection({ Waiting, Bolts: 5, Locked: false })).toBeUndefined();
  });
});

it('a setting has the permissions of its own attributes', () => {
  expect(lock.writes).toEqual([{ actions: ['house:Modify', 'house:Bolt'], resources: [DOOR], because: 'sets them' }]);
  const facts = { id: 'house/turn-signs', title: 'Turn', controls: ['House.2'], risk: 'safe' } as const;
  expect(setting(door, { ...facts, wants: { Sign: 'closed' } }).writes.map(({ actions }) => actions)).toEqual([
    ['house:Modify'],
    ['iam:PassRole'],
  ]);
});

it('wrong names and values do not compile', () => {
  const facts = { id: 'house/x', title: 'X', controls: ['House.3'], risk: 'safe' } as const;
  // @ts-expect-error an attribute that the type of resource does not have
  expect(() => setting(door, { ...facts, wants: { Lock: true } })).toThrow(
    'Lock is not an attribute of its resource type. There are: Locked, Bolts, Sign.',
  );
  // @ts-expect-error a value of another type
  setting(door, { ...facts, wants: { Locked: 'yes' } });
  // @ts-expect-error a value outside of the enumeration
  setting(door, { ...facts, wants: { Sign: 'ajar' } });
  // @ts-expect-error a function that returns another type
  setting(door, { ...facts, wants: { Bolts: (current) => `${current}` } });
  // @ts-expect-error a parameter that is not declared
  setting(door, { ...facts, params: z.strictObject({}), wants: { Bolts: (_, { bolts }) => bolts } });
  // @ts-expect-error a member that AWS's description does not have
  setting(door, { ...facts, wants: { Locked: true }, refuses: ({ Colour }) => Colour });
  // @ts-expect-error a placeholder that is not a field of the target
  resourceType({ ...door, reads: [{ actions: ['house:Describe'], resources: ['arn:{window}'], because: 'x' }] });
  // @ts-expect-error a default of another type
  resourceType({ ...door, attributes: { Locked: { type: z.boolean(), default: 'yes', terraform: 'locked' } } });
  // @ts-expect-error an attribute without its argument in Terraform
  resourceType({ ...door, attributes: { Locked: { type: z.boolean(), default: true } } });
});
