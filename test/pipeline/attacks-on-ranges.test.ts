/**
 * Attacks by people inside on the updater of address ranges, which lets in what it is told: with the roles that Suture
 * deploys, or as an administrator. Each test tries one kind of attack on the deployed function.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeSecurityGroupRulesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DeleteRolePermissionsBoundaryCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SignedApi, sutureApi } from '../../cli/clients/api.ts';
import { ipRangesClient } from '../../cli/clients/ip-ranges.ts';
import { proposalApi } from '../../cli/clients/proposals.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import type { ApiRouteName } from '../../functions/domain/api.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { publishIpRanges } from '../../sandbox/services/ip-ranges/publication.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { createPerson } from '../support/people.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { fixture } from '../support/updater.ts';

let suture: Pipeline;
let signIn: Readonly<Record<'mallory' | 'grace', Awaited<ReturnType<typeof createPerson>>>>;
let published: string;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  signIn = { mallory: await createPerson(suture, 'mallory'), grace: await createPerson(suture, 'grace') };
  published = await fixture('origin-facing-46-68-45.1');
  publishIpRanges(suture.kernel, { kind: 'document', text: published });
  expect((await change('grace', { command: 'apply' })).targets.map(({ error }) => error)).toEqual([
    undefined,
    undefined,
  ]);
  expect(await letIn()).toHaveLength(48);
});
afterAll(() => suture.sandbox.close());

const apiOf = async (name: keyof typeof signIn, person: Person): Promise<SignedApi> =>
  sutureApi(new APIGatewayClient(await signIn[name](person)));
const ask = async (name: keyof typeof signIn, person: Person, route: ApiRouteName, call: object) =>
  (await ipRangesClient(await apiOf(name, person))).ask(route, call);
const change = (name: keyof typeof signIn, body: object) => ask(name, 'operator', 'changeIpRanges', { body });

/** The ranges that the first target's groups let in, without asking AWS for their owner. */
async function letIn(): Promise<string[]> {
  const ec2 = new EC2Client(suture.sandbox.administrator(SHOP, 'us-east-1'));
  const Filters = [{ Name: 'tag:suture:ip-ranges', Values: ['shop-origin'] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.map(({ CidrIpv4, CidrIpv6 }) => (CidrIpv4 ?? CidrIpv6)!).sort();
}
const unpublished = (syncToken = '1763000000') => {
  const document = JSON.parse(published);
  const row = { ip_prefix: '11.0.0.0/8', region: 'GLOBAL', service: 'CLOUDFRONT_ORIGIN_FACING' };
  return { ...document, syncToken, prefixes: [...document.prefixes, row] };
};

async function changesNothing(attack: () => Promise<unknown>): Promise<unknown> {
  const before = await letIn();
  const outcome = await attack().catch((error: Error) => error);
  await suture.sandbox.settled();
  expect(await letIn()).toEqual(before);
  return outcome;
}

describe('a range that AWS does not publish', () => {
  const command = { command: 'apply', allowShrink: true };

  it.each(['viewer', 'operator', 'approver'] as const)(
    'is not let in by a %s who invokes the function',
    async (person) => {
      const lambda = new LambdaClient({ ...(await signIn.mallory(person)), region: suture.context.ipRanges!.region! });
      const Payload = JSON.stringify({ ...command, document: unpublished() });
      const outcome = await changesNothing(() =>
        lambda.send(new InvokeCommand({ FunctionName: 'suture-ip-ranges', Payload })),
      );
      expect(outcome).toMatchObject({ name: 'AccessDeniedException' });
    },
  );

  it.each<[string, () => object]>([
    ['a command', () => ({ ...command, document: unpublished() })],
    ['an id with a command beside it', () => ({ request: '0123456789ab', ...command, document: unpublished() })],
    ['the id of a request that nobody stored', () => ({ request: '0123456789ab' })],
  ])('is not let in by an administrator who invokes the function: %s', async (_, event) => {
    const settings = suture.sandbox.administrator(suture.context.securityAccount, suture.context.ipRanges!.region!);
    const Payload = JSON.stringify(event());
    const outcome: any = await changesNothing(() =>
      new LambdaClient(settings).send(new InvokeCommand({ FunctionName: 'suture-ip-ranges', Payload })),
    );
    expect(outcome.FunctionError).toBeUndefined();
  });

  it('is not let in by an operator through the API', async () => {
    const outcome = await changesNothing(() => change('mallory', { ...command, document: unpublished() }));
    expect(outcome).toMatchObject({ message: expect.stringContaining('document') });
  });

  describe('that was proposed', () => {
    const plan = async (more: object = {}) =>
      ask('mallory', 'operator', 'planIpRangesDocument', {
        body: { document: unpublished(), targets: ['shop-origin'], ...more },
      });
    const propose = async (more?: object): Promise<Proposal> => {
      const client = await ipRangesClient(await apiOf('mallory', 'operator'));
      return (await client.propose({ request: (await plan(more)).id, reason: 'a trial' })).proposal!;
    };
    const approve = async (name: keyof typeof signIn, { id, digest }: Pick<Proposal, 'id' | 'digest'>) => {
      const client = await proposalApi(new APIGatewayClient(await signIn[name]('approver')));
      const { request } = await client.answer(id, { answer: 'approve', digest });
      return client.rangesResult(request!);
    };

    it('is not let in by the person who planned and proposed it, in another role', async () => {
      const proposal = await changesNothing(() => propose());
      expect((proposal as Proposal).summary.join()).toContain('+ 443/tcp from 11.0.0.0/8');
      const outcome = await changesNothing(() => approve('mallory', proposal as Proposal));
      expect(outcome).toMatchObject({
        message: expect.stringMatching(/mallory proposed it.*Somebody else must approve/),
      });
    });

    it('is not let in while Suture is stopped, and the approval is used up', async () => {
      const proposal = await propose();
      await stop({ reason: 'a trial' });
      const outcome = await changesNothing(() => approve('grace', proposal));
      expect(outcome).toMatchObject({ targets: [{ error: { name: 'Stopped' } }] });
      await resume();
      expect(await changesNothing(() => approve('grace', proposal))).toMatchObject({
        message: expect.stringContaining('is done'),
      });
    });

    it('is not proposed with calls that the person who approves would not see', async () => {
      const denyOther: FaultRule = ({ operation, place }) =>
        place.account === DATA && operation.startsWith('Describe')
          ? { kind: 'error', code: 'UnauthorizedOperation', message: 'not now', status: 403 }
          : undefined;
      const denied = await suture.withFaults([denyOther], () =>
        changesNothing(() => propose({ targets: ['shop-origin', 'data-origin'] })),
      );
      expect(denied).toMatchObject({ message: expect.stringMatching(/The plan of .*data-origin is incomplete/) });
      // A plan during a stop lacks what is revoked.
      await stop({ reason: 'a trial' });
      const halted = await changesNothing(() => propose({ allowShrink: true }));
      expect(halted).toMatchObject({ message: expect.stringContaining('Suture was stopped when') });
      await resume();
    });

    it('is not let in by an approval of another proposal', async () => {
      const [{ digest }, { id }] = [await propose(), await propose({ targets: undefined })];
      const outcome = await changesNothing(() => approve('grace', { id, digest }));
      expect(outcome).toMatchObject({ message: expect.stringContaining('You saw the digest') });
    });

    it("is not let in by an operator's own request for the proposed document", async () => {
      const { subject } = await propose();
      for (const [key, value] of [
        ['document', unpublished()],
        ['approved', 'd'.repeat(64)],
        ['proposal', subject.request],
      ] as const) {
        const refusal = await changesNothing(() => change('mallory', { command: 'apply', [key]: value }));
        expect(refusal).toMatchObject({ message: expect.stringContaining(`Unrecognized key: "${key}"`) });
      }
    });

    it('is let in when another person approves it, until AWS publishes the next document', async () => {
      const { targets } = await approve('grace', await propose());
      expect(targets).toMatchObject([{ calls: [{ call: 'AuthorizeSecurityGroupIngress' }] }]);
      expect(await letIn()).toContain('11.0.0.0/8');
      await change('grace', { command: 'apply' });
      expect(await letIn()).not.toContain('11.0.0.0/8');
    });
  });
});

const stop = async (body: object) => (await apiOf('grace', 'operator')).call('stop', { body });
const stopped = () =>
  stopsClient(new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount))).stopped();
async function resume() {
  const { at } = (await stopped())!;
  await (await apiOf('grace', 'operator')).call('resume', { body: { reason: 'a trial', at } });
}

describe('while Suture is stopped', () => {
  /** One range of the published ones goes, and one comes. */
  const next = () => {
    const document = JSON.parse(published);
    const [gone, ...prefixes] = document.prefixes.filter(({ service }: any) => service === 'CLOUDFRONT_ORIGIN_FACING');
    const come = { ...gone, ip_prefix: '15.200.0.0/16' };
    return {
      gone: gone.ip_prefix,
      come: come.ip_prefix,
      text: JSON.stringify({ ...document, syncToken: '1764000000', prefixes: [...prefixes, come] }),
    };
  };

  it('nothing is revoked, but new ranges are let in; after stop --all, they are not', async () => {
    const { gone, come, text } = next();
    publishIpRanges(suture.kernel, { kind: 'document', text });
    await stop({ reason: 'a trial', all: true });
    const all = await changesNothing(() => change('mallory', { command: 'apply' }));
    expect(all).toMatchObject({ targets: [{ error: { name: 'Stopped' } }, { error: { name: 'Stopped' } }] });
    await resume();

    await stop({ reason: 'a trial' });
    const { targets } = await change('mallory', { command: 'apply', allowShrink: true });
    expect(targets[0]).toMatchObject({ halted: true, calls: [{ call: 'AuthorizeSecurityGroupIngress' }] });
    expect(targets[0]!.error).toBeUndefined();
    expect(await letIn()).toEqual(expect.arrayContaining([gone, come]));
    const { targets: status } = await ask('grace', 'viewer', 'readIpRanges', { body: { command: 'status' } });
    expect(status[0]!.notes!.join()).toMatch(
      /^Suture is stopped since .*: a trial; ranges that AWS publishes are let in/,
    );
    expect(status[0]!.applied!.syncToken).toBe(Number(JSON.parse(published).syncToken));

    await resume();
    await change('grace', { command: 'apply' });
    expect(await letIn()).toContain(come);
    expect(await letIn()).not.toContain(gone);
  });

  it('stop --all widens a stop, which keeps the name and reason of the first person', async () => {
    await stop({ reason: 'narrow' });
    expect(await stop({ reason: 'again' })).toEqual({ isChanged: false });
    expect(await stop({ reason: 'wide', all: true })).toEqual({ isChanged: true });
    expect(await stop({ reason: 'wide', all: true })).toEqual({ isChanged: false });
    expect(await stopped()).toMatchObject({ reason: 'narrow', all: true });
    await resume();
  });
});

describe('the role in the account of a target', () => {
  it('cannot be changed by an administrator of the account', async () => {
    const iam = new IAMClient(suture.sandbox.administrator(SHOP));
    const RoleName = 'suture-ip-ranges-member';
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    for (const command of [
      new PutRolePolicyCommand({ RoleName, PolicyName: 'more', PolicyDocument }),
      new DeleteRolePermissionsBoundaryCommand({ RoleName }),
    ])
      await expect(iam.send(command as PutRolePolicyCommand)).rejects.toThrow('service control policy');
  });
});
