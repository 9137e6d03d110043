import { AccountClient, PutAlternateContactCommand } from '@aws-sdk/client-account';
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { explainCommand } from '../../cli/commands/explain.ts';
import { ownerCommand } from '../../cli/commands/owner.ts';
import { showCommand } from '../../cli/commands/show.ts';
import type { OwnerReport } from '../../cli/owner/owner-report.ts';
import { JOB_LIMIT_BYTES } from '../../functions/domain/job.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { EC2 } from '../../sandbox/services/ec2/state.ts';
import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
let viewer: () => Promise<ReturnType<typeof testOperator>>;
beforeAll(async () => {
  suture = await startPipeline();
  const signIn = await createPerson(suture, 'ada');
  viewer = async () => testOperator(suture, await signIn('viewer'));
});
afterAll(() => suture.sandbox.close());

/** As many teams as a large organization has. */
const TEAMS = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [
    `team-${n}`,
    {
      mail: [`team-${n}@example.com`],
      slack: `#team-${n}`,
      repository: `https://git.example.com/${n}`,
      tags: [`team=${n}`],
    },
  ]),
);
const POLICY = {
  ...TEST_POLICY,
  whenManagedBy: 'fix',
  owners: { ...TEAMS, shop: { jira: 'SHOP', accounts: [SHOP] } },
  ownerTags: { keys: ['owner'], domains: ['example.com'] },
};
const ASK = 'account:GetAlternateContact';

function tag(account: string, id: string, tags: Record<string, string>): void {
  const { partition, homeRegion: region } = suture.context;
  suture.kernel.state(EC2, { partition, account, region }).tags.set(id.split('/').at(-1)!, tags);
}
/** Expires the cached contact, without a week of schedules. */
async function forgetContact(account: string): Promise<void> {
  const Key = { pk: { S: `contact#${account}` }, sk: { S: 'contact' } };
  const dynamo = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  const { Attributes } = await dynamo.send(
    new DeleteItemCommand({ TableName: LEDGER_TABLE, Key, ReturnValues: 'ALL_OLD' }),
  );
  expect(Number(Attributes!.until!.N) - suture.kernel.clock.now()).toBeGreaterThan(6 * 24 * 3_600_000);
  await suture.kernel.clock.advance(6 * 60_000);
}

const ownerInLedger = async (id: string) => (await suture.history(id)).at(-1)!.job.owner;
const ownerReports = async (id: string) => JSON.parse(await ownerCommand(id, await viewer())) as OwnerReport[];

/** Collects the owners in the events of findings, by the finding's id. */
const eventReader =
  (owners: Record<string, string | undefined>): FaultRule =>
  ({ operation, input }) => {
    if (operation !== 'PutEvents') return undefined;
    for (const { Detail } of input.Entries as { Detail: string }[]) {
      const { finding, owner } = JSON.parse(Detail);
      if (finding) owners[finding.id] = owner?.name;
    }
    return undefined;
  };

it('the owner is that of the live tag, or else of the account, in events, ledger and commands', async () => {
  await suture.setPolicy(POLICY);
  const [tagged, plain, forged] = [
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.13'),
    await suture.arrange('EC2.13'),
  ];
  tag(SHOP, tagged.Resources[0]!.Id, { team: '7', secret: 'kept' });
  tag(SHOP, forged.Resources[0]!.Id, { owner: '<!channel> eve@evil.example' });
  // The finding's own tags are older than the live ones.
  Object.assign(tagged.Resources[0]!, { Tags: { team: '8' } });
  const owners: Record<string, string | undefined> = {};
  const traces = await suture.withFaults([eventReader(owners)], () => suture.process(tagged, plain, forged));
  expect(traces.map(({ outcome }) => outcome)).toEqual(['FIXED', 'FIXED', 'FIXED']);
  const because = 'policy gives resources tagged team=7 to team-7';
  expect(await ownerInLedger(tagged.Id)).toMatchObject({ name: 'team-7', because });
  for (const { Id } of [plain, forged]) expect(await ownerInLedger(Id)).toMatchObject({ name: 'shop' });
  expect([owners[tagged.Id], owners[forged.Id]]).toEqual(['team-7', 'shop']);

  const [{ job }] = (await suture.history(tagged.Id)) as [any];
  expect(job.result.ownerTags).toEqual({ team: '7' });
  expect(Buffer.byteLength(JSON.stringify(job))).toBeLessThan(JOB_LIMIT_BYTES / 2);
  // Nobody asks for the contact of an account that has an owner.
  expect(suture.kernel.decisions.filter(({ action }) => action === ASK)).toEqual([]);

  const [report] = await ownerReports(forged.Id);
  expect(report).toMatchObject({ owner: { name: 'shop' }, tags: 'live', account: SHOP });
  expect(report!.candidates.map(({ refused, owner }) => refused ?? owner!.name)).toEqual([
    'it is neither an owner in the policy nor an address or a channel',
    'shop',
  ]);
  const [explained] = JSON.parse(await explainCommand(tagged.Id, await viewer()));
  expect(explained).toMatchObject({
    ...{ control: 'EC2.13', account: SHOP, effect: 'fixed', graceMs: 0, owner: { name: 'team-7', because } },
    whenManagedBy: { actions: { cloudformation: 'fix', terraform: 'fix', other: 'fix' } },
  });
  const ofAccount = await explainCommand('EC2.13', { ...(await viewer()), account: SHOP, tag: ['team=9'] });
  expect(JSON.parse(ofAccount)[0].policy).toMatchObject({ effect: 'fixed', owner: { name: 'team-9' } });
  const text = await ownerCommand(tagged.Id, { ...(await viewer()), json: false });
  expect(text).toContain(`Owner: team-7, because ${because}`);
  expect(text).toMatch(/slack +#team-7/);
  expect(await showCommand(plain.Id, { ...(await viewer()), json: false })).toContain(
    `shop (policy gives account ${SHOP} to shop): jira SHOP`,
  );
});

it('the owner is the security contact if policy names none: within its domains, read once, and never blocking a fix', async () => {
  const contact = (EmailAddress: string) =>
    new AccountClient(suture.sandbox.administrator(DATA)).send(
      new PutAlternateContactCommand({
        ...{ AlternateContactType: 'SECURITY', Name: 'Ann', Title: 'CISO', PhoneNumber: '+1 555 0100', EmailAddress },
      }),
    );
  await contact('security@example.com');
  const processed = async () => {
    const finding = await suture.arrange('EC2.13', { account: DATA });
    const [{ outcome }] = await suture.process(finding);
    return { finding, outcome, owner: await ownerInLedger(finding.Id) };
  };
  const first = await processed();
  expect(first).toMatchObject({ outcome: 'FIXED', owner: { because: `security contact of account ${DATA}` } });
  expect((await processed()).owner).toEqual(first.owner);
  const asked = suture.kernel.decisions.filter(({ action }) => action === ASK);
  expect(asked.map(({ decision, role }) => [decision, role?.split('/').at(-1)])).toEqual([['Allow', 'suture-triage']]);

  // Later, the account names an address that policy does not allow.
  await contact('eve@evil.example');
  await forgetContact(DATA);
  const refused = await processed();
  expect(refused).toMatchObject({ outcome: 'FIXED', owner: undefined });
  const [report] = await ownerReports(refused.finding.Id);
  expect(report).toMatchObject({
    owner: null,
    candidates: [{ value: 'eve@evil.example', refused: expect.stringContaining('ownerTags.domains') }],
  });

  organizationState(suture.kernel).delegated.delete('account.amazonaws.com');
  await forgetContact(DATA);
  expect(await processed()).toMatchObject({ outcome: 'FIXED', owner: undefined });
});
