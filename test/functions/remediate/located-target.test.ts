import { expect, it } from 'vitest';
import * as z from 'zod';
import { arn, defineRemediation, parseTarget } from '../../../functions/contract/remediation.ts';
import type { RemediationRequest } from '../../../functions/domain/job.ts';
import { journalKey } from '../../../functions/domain/journal.ts';
import type { PolicyDocument } from '../../../functions/domain/permissions.ts';
import { runRemediation } from '../../../functions/remediate/engine.ts';
import protectClusters from '../../../functions/remediations/rds/protect-clusters/index.ts';
import { leaseOf } from '../../../functions/triage/decide.ts';
import { MemoryCopies, MemoryJournal } from '../../../lab/laws/memory-journal.ts';
import { Steps } from '../../../lab/laws/steps.ts';

const PLACE = { partition: 'aws', account: '333333333333', region: 'eu-west-1' };
const BOX = 'arn:{partition}:toy:{region}:{account}:box:{box}';
const boxArn = (name: string) => `arn:aws:toy:eu-west-1:333333333333:box:${name}`;

/** Boxes by their name. */
class Boxes {
  readonly all = new Map<string, { readonly id: string; shut: boolean }>();
}

const MODULE = defineRemediation({
  id: 'toy/shut-boxes',
  title: 'Shut a box',
  handles: { controls: ['Toy.1'] },
  risk: 'safe',
  target: arn('ToyBox', BOX, { box: /[a-z]+/ }),
  alias: {
    target: arn('ToyBox', 'arn:{partition}:toy:{region}:{account}:id/{id}', { id: /[A-Z]+/ }),
    reads: [{ actions: ['toy:List'], resources: [BOX.replace('{box}', '*')], because: 'a toy' }],
    async find({ boxes, alias: { id } }) {
      const found = [...boxes.all].find(([, box]) => box.id === id);
      return found && { box: found[0] };
    },
  },
  params: z.strictObject({}),
  state: z.strictObject({ shut: z.boolean() }),
  reads: [{ actions: ['toy:Read'], resources: [BOX], because: 'a toy' }],
  writes: [{ actions: ['toy:Write'], resources: [BOX], because: 'a toy' }],
  clients: { boxes: Boxes as never as new () => Boxes },
}).by({
  async read({ boxes, target: { box } }) {
    const found = boxes.all.get(box);
    return found && { shut: found.shut };
  },
  want: () => ({ shut: true }),
  async write({ boxes, target: { box } }, _, { shut }) {
    boxes.all.get(box)!.shut = shut;
  },
  summary: (from, to) => `${from.shut} to ${to.shut}`,
});

function account() {
  const boxes = new Boxes();
  boxes.all.set('red', { id: 'ID', shut: false });
  const policies: PolicyDocument[] = [];
  const entries = new Map();
  const deps = {
    journal: new MemoryJournal(entries, new Steps()),
    copies: new MemoryCopies(new Map(), new Steps()),
    alert: () => {},
    findStack: async () => undefined,
    findWrite: async () => undefined,
    session: async (policy: PolicyDocument) => {
      policies.push(policy);
      return { boxes };
    },
    now: () => Date.parse('2026-11-01T00:00:00Z'),
    sleep: async () => {},
  };
  const go = (mode: RemediationRequest['mode'], more: Partial<RemediationRequest> = {}) =>
    runRemediation(
      MODULE,
      {
        ...{ v: 3, mode, execution: 'arn:execution', started: '2026-11-01T00:00:00Z', params: {} },
        finding: { id: 'f', productArn: 'p', control: 'Toy.1', ...PLACE },
        target: { id: 'ID' },
        policy: { mode: 'auto', tags: {} },
        ...(mode === 'rollback' && { undo: { execution: 'arn:execution', version: 1 } }),
        ...more,
      },
      deps,
    );
  const rename = (from: string, to: string) => {
    boxes.all.set(to, boxes.all.get(from)!);
    boxes.all.delete(from);
  };
  return { boxes, policies, entries, go, rename };
}

const allowed = (policies: readonly PolicyDocument[]) =>
  policies.map(({ Statement }) => Statement.map(({ Action, Resource }) => [Action, Resource]));

it('looks the target up in a session that may do only that, and restricts all others to it', async () => {
  const { policies, entries, go } = account();
  expect(await go('apply')).toMatchObject({
    kind: 'fixed',
    summary: `false to true: the finding's resource is ${boxArn('red')}`,
  });
  expect(allowed(policies)).toEqual([
    [['toy:List', boxArn('*')]],
    [['toy:Read', boxArn('red')]],
    [['toy:Write', boxArn('red')]],
  ]);
  expect([...entries.values()]).toMatchObject([{ target: boxArn('red'), targets: [{ box: 'red' }] }]);
});

it('opens no other session for a finding that names the target itself', async () => {
  const { policies, go } = account();
  await go('plan', { target: { box: 'red' } });
  expect(allowed(policies)).toEqual([[['toy:Read', boxArn('red')]]]);
});

it('applies an approval only to the target of the plan', async () => {
  const { boxes, go, rename } = account();
  const policy = { mode: 'approve', tags: {} } as const;
  const approve = async (plan: string) =>
    go('apply', {
      policy,
      approval: { by: 'jo', at: '2026-11-01T00:00:00Z', plan },
      approvedUntil: '2026-11-02T00:00:00.000Z',
    });
  const planned = await go('plan', { policy });
  const { plan } = planned as Extract<typeof planned, { kind: 'planned' }>;
  rename('red', 'blue');
  expect(await approve(plan)).toMatchObject({ kind: 'planned', awaits: 'approval' });
  expect(boxes.all.get('blue')!.shut).toBe(false);
  rename('blue', 'red');
  expect(await approve(plan)).toMatchObject({ kind: 'fixed' });
});

it('rolls back the resource, unless it has another name since', async () => {
  const { boxes, go, rename } = account();
  await go('apply');
  rename('red', 'blue');
  boxes.all.set('red', { id: 'OTHER', shut: true });
  const refused = `target is "${boxArn('blue')}", in the journal "${boxArn('red')}"`;
  expect(await go('rollback')).toMatchObject({ kind: 'refused', because: expect.stringContaining(refused) });
  expect([...boxes.all.values()].map(({ shut }) => shut)).toEqual([true, true]);
  boxes.all.delete('red');
  rename('blue', 'red');
  expect(await go('rollback')).toMatchObject({ kind: 'fixed' });
  expect(boxes.all.get('red')!.shut).toBe(false);
});

it('ends without another session if AWS knows no such id, also if a new resource has the old name', async () => {
  const { boxes, policies, go } = account();
  boxes.all.set('red', { id: 'OTHER', shut: false });
  expect(await go('apply')).toEqual({ kind: 'compliant', because: 'Shut a box: the resource is gone' });
  expect(await go('rollback')).toEqual({ kind: 'refused', because: 'the resource is gone' });
  expect(policies).toHaveLength(2);
  expect(boxes.all.get('red')!.shut).toBe(false);
});

it('fails if the look-up returns something that is not a target', async () => {
  const { policies, go, rename } = account();
  rename('red', '*');
  await expect(go('apply')).rejects.toMatchObject({
    name: 'ConfigurationInvalid',
    message: expect.stringContaining(`${boxArn('*')}, which toy/shut-boxes does not take`),
  });
  expect(policies).toHaveLength(1);
});

it('derives lease and journal key of an alias from its id, never from the Details of the finding', () => {
  const Id = 'arn:aws:rds:eu-west-1:333333333333:dbcluster/cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const Details = { AwsRdsDbCluster: { DbClusterIdentifier: 'payments' } };
  const target = parseTarget(protectClusters, { Type: 'AwsRdsDbCluster', Id, Details }).data!;
  expect(target).toEqual({ resourceId: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ' });
  expect(leaseOf(protectClusters, { id: 'f', productArn: 'p', ...PLACE }, target)).toContain(`#${Id}`);
  expect(journalKey(protectClusters, PLACE, target)).toContain(`#${Id}`);
});
