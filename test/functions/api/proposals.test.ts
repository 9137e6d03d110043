import { describe, expect, it } from 'vitest';
import { addPolicy, deployVersion } from '../../../functions/api/policy.ts';
import { type ProposalDeps, proposalAnswer, proposalDetail } from '../../../functions/api/proposals.ts';
import { resume } from '../../../functions/api/stops.ts';
import type { PeopleMessage } from '../../../functions/domain/people-message.ts';
import { digestOf, type Proposal } from '../../../functions/domain/proposal.ts';
import type { StopEntry, SwitchLine } from '../../../functions/ports/kill-switch.ts';
import type { PolicyGrant } from '../../../functions/ports/policy-grants.ts';

const role = (name: string, person: string) => `arn:aws:sts::111111111111:assumed-role/suture-${name}/${person}`;
const ADA = role('operator', 'ada');
const GRACE = role('approver', 'grace');
const EVE = role('approver', 'eve');
const NOON = Date.parse('2026-11-22T12:00:00.000Z');
const HOUR = 3_600_000;

/** An installation in memory, with one version for each policy. */
function installation({ onePerson = false, live = 1 } = {}) {
  const versions = new Map<number, object>([
    [1, { 'EC2.13': 'observe' }],
    [2, { 'EC2.13': 'auto' }],
    [3, { 'EC2.13': 'off' }],
    [4, { 'EC2.13': 'auto', 'EC2.7': 'auto' }],
  ]);
  const deployed = [{ version: live, by: 'the stack' }];
  const proposals = new Map<string, Proposal>();
  const resumed: SwitchLine[] = [];
  const world = {
    units: undefined as Record<string, string> | undefined,
    added: [] as object[],
    now: NOON,
    grant: undefined as PolicyGrant | undefined,
    stop: undefined as StopEntry | undefined,
  };
  const contentOf = (version: number) => ({ version: 1, controls: versions.get(version) });
  const told: PeopleMessage[] = [];
  const deps: ProposalDeps = {
    tellPeople: async (message) => void told.push(message),
    runs: {} as never,
    ipRanges: {} as never,
    installation: { prefix: 'suture' },
    now: () => world.now,
    onePerson,
    remediations: [],
    units: async () => world.units,
    policies: {
      live: async () => {
        const { version } = deployed.at(-1)!;
        return { version, deployment: deployed.length, content: contentOf(version) };
      },
      version: async (version) =>
        versions.has(version)
          ? { content: contentOf(version), digest: digestOf(JSON.stringify(contentOf(version))) }
          : undefined,
      add: async (policy) => {
        world.added.push(policy);
        return { kind: 'added', version: 9 };
      },
      deploy: async (version, by) => {
        expect(world.grant).toMatchObject({ version });
        return { kind: 'started', deployment: deployed.push({ version, by }) };
      },
    },
    grants: {
      take: async (grant) => {
        if (world.grant) return undefined;
        world.grant = grant;
        return async () => {
          world.grant = undefined;
        };
      },
      current: async () => world.grant,
    },
    proposals: {
      add: async (proposal) => void proposals.set(proposal.id, proposal),
      find: async (id) => proposals.get(id),
      recent: async () => [...proposals.values()],
      answer: async (proposal, state, answer) => {
        const stored = proposals.get(proposal.id)!;
        if (stored.state !== 'open' && stored.answer?.by !== answer.by) return false;
        proposals.set(proposal.id, { ...proposal, state, answer });
        return true;
      },
      finish: async (proposal) => {
        // Each has a record before its work begins.
        expect(proposals.has(proposal.id)).toBe(true);
        proposals.set(proposal.id, { ...proposal, state: 'done' });
      },
    },
    killSwitch: {
      read: async () => world.stop,
      set: async () => true,
      release: async (_, line) => {
        world.stop = undefined;
        resumed.push(line);
        return true;
      },
    },
  };
  const request = (userArn: string, parameters: Record<string, string>, body: object = {}) => ({
    httpMethod: 'POST',
    resource: '/',
    pathParameters: parameters,
    requestContext: { identity: { userArn } },
    body: JSON.stringify(body),
  });
  const push = async (version: number, by = ADA) =>
    (await deployVersion(request(by, { version: `${version}` }), by, deps)) as {
      deployment?: number;
      proposal?: Proposal;
    };
  const answer = (proposal: Proposal, by: string, how: 'approve' | 'deny' = 'approve', digest = proposal.digest) =>
    proposalAnswer(request(by, { id: proposal.id }, { answer: how, digest }), by, deps);
  const askToResume = (by: string) =>
    resume(request(by, {}, { reason: 'over', at: world.stop!.at }), by, deps) as Promise<{
      isChanged: boolean;
      proposal?: Proposal;
    }>;
  return { versions, deployed, proposals, resumed, told, world, deps, push, answer, askToResume, request };
}

describe('a message to people', () => {
  it('is sent once for each proposal that waits, and not for one that its proposer may do alone', async () => {
    const { push, answer, askToResume, told, world } = installation();
    const { proposal } = await push(2);
    expect(told).toEqual([{ proposal }]);
    await answer(proposal!, GRACE);
    world.stop = { at: '2026-11-22T11:00:00.000Z', by: GRACE, reason: 'why' } as StopEntry;
    const { proposal: resumption } = await askToResume(ADA);
    expect(told).toEqual([{ proposal }, { proposal: resumption }]);
    await push(3);
    expect(told).toHaveLength(2);
  });

  it('and the record have the reason of a policy, also if nobody else must approve it', async () => {
    const { deps, request, told, proposals } = installation();
    const push = (version: number, body?: object) =>
      deployVersion({ ...request(ADA, { version: `${version}` }), body: body && JSON.stringify(body) }, ADA, deps);
    await push(2, { reason: ' wave 2 ' });
    expect(told).toEqual([{ proposal: expect.objectContaining({ reason: 'wave 2' }) }]);
    await push(3, { reason: 'back' });
    expect([...proposals.values()].at(-1)).toMatchObject({ reason: 'back', alone: expect.any(String) });
    await push(3);
    expect([...proposals.values()].at(-1)).not.toHaveProperty('reason');
    for (const body of [{ reason: 'x'.repeat(301) }, { reason: ' ' }, { reason: 'x', by: GRACE }, { reason: 7 }])
      await expect(push(3, body)).rejects.toMatchObject({ status: 400 });
  });

  it('that fails does not void the proposal', async () => {
    const { push, answer, deps } = installation();
    Object.assign(deps, { tellPeople: () => Promise.reject(new Error('no message')) });
    const { proposal } = await push(2);
    expect(await answer(proposal!, GRACE)).toMatchObject({ deployment: 2 });
  });
});

describe('a policy', () => {
  it('that permits nothing new is deployed by one person, and recorded', async () => {
    const { push, deployed, proposals } = installation();
    expect(await push(3)).toEqual({ deployment: 2 });
    expect(deployed.at(-1)).toEqual({ version: 3, by: ADA });
    expect([...proposals.values()]).toMatchObject([
      { kind: 'policy', state: 'done', by: ADA, summary: [], alone: 'it lets Suture write nothing new' },
    ]);
  });

  it('that permits more is only proposed, with what it permits, and deployed when another person approves it', async () => {
    const { push, answer, deployed, proposals } = installation();
    const { proposal, deployment } = await push(2);
    expect(deployment).toBeUndefined();
    expect(deployed).toHaveLength(1);
    expect(proposal).toMatchObject({ by: ADA, state: 'open', summary: ['EC2.13: observe → auto'] });
    expect(await answer(proposal!, GRACE)).toMatchObject({ deployment: 2, proposal: { state: 'done' } });
    expect(deployed.at(-1)).toEqual({ version: 2, by: `${ADA}, approved by ${GRACE}` });
    expect(proposals.get(proposal!.id)).toMatchObject({ state: 'done', answer: { by: GRACE } });
  });

  it('that permits more is deployed by one person if the organization has no other, with the reason in its record', async () => {
    const { push, proposals } = installation({ onePerson: true });
    expect(await push(2)).toEqual({ deployment: 2 });
    expect([...proposals.values()]).toMatchObject([
      { state: 'done', summary: ['EC2.13: observe → auto'], alone: expect.stringContaining('onePerson in cdk.json') },
    ]);
  });

  it('is not approved by its proposer, in any role', async () => {
    const { push, answer, deployed } = installation();
    const { proposal } = await push(2);
    await expect(answer(proposal!, role('approver', 'Ada'))).rejects.toMatchObject({
      status: 403,
      message: `${ADA} proposed it. Somebody else must approve it: suture proposals approve ${proposal!.id}`,
    });
    expect(deployed).toHaveLength(1);
  });

  it('is not deployed if another policy has become live since, and the refusal has the command', async () => {
    const { push, answer, deployed } = installation();
    const { proposal } = await push(2);
    await push(3);
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(
        /it was version 1 \(deployment 1\) then, and is version 3 \(deployment 2\) now\. .* policy push --version 2$/,
      ),
    });
    expect(deployed.map(({ version }) => version)).toEqual([1, 3]);
  });

  it('is not deployed if the live policy changed, and changed back', async () => {
    const { push, answer, deployed } = installation();
    const { proposal } = await push(2);
    await push(3);
    await push(1);
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({ status: 409 });
    expect(deployed.map(({ version }) => version)).toEqual([1, 3, 1]);
  });

  it('is not deployed if the version has other bytes than those proposed', async () => {
    const { push, answer, deployed, versions } = installation();
    const { proposal } = await push(2);
    versions.set(2, { 'EC2.13': 'auto', 'EC2.7': 'auto' });
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('Version 2 is not the policy that'),
    });
    expect(deployed).toHaveLength(1);
  });

  it('is not deployed if the proposal is another one than the approver saw', async () => {
    const { push, answer, deployed, proposals } = installation();
    const { proposal } = await push(2);
    const other = (await push(4)).proposal!;
    proposals.set(proposal!.id, { ...other, id: proposal!.id });
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining(`You saw the digest ${proposal!.digest}`),
    });
    expect(deployed).toHaveLength(1);
  });

  it('is answered once', async () => {
    const { push, answer, deployed } = installation();
    const { proposal } = await push(2);
    await answer(proposal!, EVE, 'deny');
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining(`is denied by ${EVE}`),
    });
    expect(deployed).toHaveLength(1);
  });

  it('cannot be approved after three days', async () => {
    const { push, answer, deployed, world } = installation();
    const { proposal } = await push(2);
    world.now += 72 * HOUR;
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({
      status: 410,
      message: expect.stringContaining('suture policy push --version 2'),
    });
    expect(deployed).toHaveLength(1);
  });

  it('is approved again by the same person if the function died before the deployment, and deployed once', async () => {
    const { push, answer, deployed, deps } = installation();
    const { proposal } = await push(2);
    const { deploy } = deps.policies;
    (deps.policies as { deploy: unknown }).deploy = async () => {
      throw new Error('the function died');
    };
    await expect(answer(proposal!, GRACE)).rejects.toThrow('died');
    (deps.policies as { deploy: unknown }).deploy = deploy;
    await expect(answer(proposal!, EVE)).rejects.toMatchObject({ status: 409 });
    await answer(proposal!, GRACE);
    expect(deployed.map(({ version }) => version)).toEqual([1, 2]);
  });

  it('is refused while another version is being deployed', async () => {
    const { push, world, deployed } = installation();
    world.grant = { version: 4, digest: digestOf('4'), by: EVE };
    await expect(push(3)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('suture policy push --version 3'),
    });
    expect(deployed).toHaveLength(1);
  });

  it('is compared with one that permits nothing if the live version is of another Suture', async () => {
    const { push, versions } = installation();
    versions.set(1, undefined as never);
    expect((await push(3)).proposal!.summary).toEqual(['the live version 1 is of another Suture: every rule is new']);
  });
});

describe('organizational units of a policy', () => {
  const policy = { version: 1, controls: { 'EC2.13': { mode: 'auto', ous: { '/Work': 'approve', '/': 'off' } } } };
  const add = ({ deps, request }: ReturnType<typeof installation>) =>
    addPolicy(request(ADA, {}, { policy: { ...policy, units: { '/Work': 'ou-evil-00000000' } }, after: 1 }), ADA, deps);

  it('get the ids of the directory, whatever the caller sends', async () => {
    const suture = installation();
    suture.world.units = { '/Work': 'ou-ab12-11111111', '/Other': 'ou-ab12-22222222' };
    await add(suture);
    expect(suture.world.added).toMatchObject([{ units: { '/Work': 'ou-ab12-11111111' } }]);
  });

  it('are refused if the organization has no unit with that path', async () => {
    const suture = installation();
    suture.world.units = { '/Works': 'ou-ab12-11111111' };
    await expect(add(suture)).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/no unit \/Work; did you mean \/Works\?.*policy push policy\.yaml$/),
    });
    expect(suture.world.added).toEqual([]);
  });

  it('that are gone make the live policy strict, so that a policy without them needs a second person', async () => {
    const suture = installation({ live: 5 });
    suture.versions.set(5, { 'EC2.13': { mode: 'auto', ous: { '/Gone': 'off' } } });
    suture.versions.set(6, { 'EC2.13': 'auto' });
    suture.world.units = { '/Work': 'ou-ab12-11111111' };
    expect((await suture.push(6)).proposal!.summary).toContain('EC2.13: off → auto');
  });
});

describe('a proposed policy', () => {
  it('is not deployed if it permits more than was shown, because a unit is gone', async () => {
    const suture = installation({ live: 5 });
    suture.versions.set(5, { 'EC2.13': { mode: 'auto', ous: { '/Gone': 'off' } } });
    suture.versions.set(6, { 'EC2.13': 'auto' });
    const { proposal } = await suture.push(6);
    expect(proposal!.summary).not.toContain('EC2.13: off → auto');
    suture.world.units = { '/Work': 'ou-ab12-11111111' };
    await expect(suture.answer(proposal!, GRACE)).rejects.toMatchObject({ status: 409 });
    expect(suture.deployed).toHaveLength(1);
  });
});

describe('a resumption', () => {
  const stopped = { at: '2026-11-22T11:00:00.000Z', by: role('operator', 'eve'), reason: 'a freeze' };

  it('needs no second person if the requester stopped Suture', async () => {
    const { askToResume, world, resumed } = installation();
    world.stop = stopped;
    expect(await askToResume(EVE)).toEqual({ isChanged: true });
    expect(resumed).toMatchObject([{ by: EVE, reason: 'over' }]);
  });

  it('needs a second person if another person has stopped too, and is refused if one has since', async () => {
    const { askToResume, answer, world, resumed } = installation();
    world.stop = { ...stopped, also: [role('approver', 'Eve')] };
    expect(await askToResume(EVE)).toEqual({ isChanged: true });
    world.stop = { ...stopped, also: [GRACE] };
    const { isChanged, proposal } = await askToResume(EVE);
    expect([isChanged, proposal!.summary[1]]).toEqual([false, `${GRACE} stopped it too`]);
    for (const more of [{ also: [GRACE, ADA] }, { also: [GRACE], all: true as const }]) {
      world.stop = { ...stopped, ...more };
      await expect(answer(proposal!, GRACE)).rejects.toMatchObject({ status: 409 });
    }
    expect(resumed).toHaveLength(1);
    world.stop = { ...stopped, also: [GRACE] };
    await answer(proposal!, GRACE);
    expect(resumed).toMatchObject([{ by: EVE }, { by: EVE, approvedBy: GRACE }]);
  });

  it('by another person is proposed, and done when a second person approves it', async () => {
    const { askToResume, answer, world, resumed } = installation();
    world.stop = stopped;
    const { isChanged, proposal } = await askToResume(ADA);
    expect(isChanged).toBe(false);
    expect(resumed).toEqual([]);
    await expect(answer(proposal!, role('approver', 'ada'))).rejects.toMatchObject({ status: 403 });
    expect(resumed).toEqual([]);
    await answer(proposal!, GRACE);
    expect(resumed).toMatchObject([{ by: ADA, approvedBy: GRACE, reason: 'over' }]);
  });

  it('is refused if Suture was stopped again since', async () => {
    const { askToResume, answer, world, resumed } = installation();
    world.stop = stopped;
    const { proposal } = await askToResume(ADA);
    world.stop = { ...stopped, at: '2026-11-22T11:30:00.000Z', reason: 'another freeze' };
    await expect(answer(proposal!, GRACE)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('another freeze'),
    });
    expect(resumed).toEqual([]);
  });

  it('needs no second person if the organization has one, and the audit trail says so', async () => {
    const { askToResume, world, resumed } = installation({ onePerson: true });
    world.stop = stopped;
    await askToResume(ADA);
    expect(resumed).toMatchObject([{ by: ADA, alone: expect.stringContaining('onePerson in cdk.json') }]);
  });
});

it.each(['x', '0000000000000000', undefined])('a proposal with the id %s does not exist', async (id) => {
  const { deps, request } = installation();
  await expect(proposalDetail(request(ADA, { ...(id && { id }) }), ADA, deps)).rejects.toMatchObject({
    status: 404,
    message: expect.stringContaining('suture proposals list'),
  });
});
