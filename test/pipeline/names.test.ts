/** People name findings and approvals in short, with the permissions of their own roles. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerCommand } from '../../cli/approvals/answer-approval.ts';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { resourceTail, shortId } from '../../cli/names/short-names.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

let suture: Pipeline;
let signIn: Awaited<ReturnType<typeof createPerson>>;
let fixed: ControlFinding;
let waiting: ControlFinding;
let approval: string;
/** The execution that fixed `fixed`; a rollback is a later one. */
let fixing: string;

beforeAll(async () => {
  suture = await startPipeline();
  // The directory lists accounts and units.
  await suture.kernel.clock.advance(3_600_000);
  signIn = await createPerson(suture, 'ada');
  fixed = await suture.arrange('EC2.13');
  fixing = (await suture.process(fixed))[0]!.execution!.arn;
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' }, approvals: { hours: 4 } });
  waiting = await suture.arrange('EC2.13');
  const [{ execution }] = await suture.process(waiting);
  approval = hash(execution!.arn);
});
afterAll(() => suture.sandbox.close());

const as = async (person: Person) => ({ ...testOperator(suture, await signIn(person)), reason: 'a trial' });
const resourceOf = (finding: ControlFinding) => finding.Resources[0]!.Id;
const idsIn = (json: string) => JSON.parse(json).map(({ findingId }: { findingId: string }) => findingId);

describe('a viewer', () => {
  it.each<[what: string, name: () => string]>([
    ["the first digits of the finding's id", () => shortId(fixed.Id)],
    ['the id of the group', () => resourceTail(resourceOf(fixed))],
    ['the beginning of the id of the group', () => resourceTail(resourceOf(fixed)).slice(0, -4)],
  ])('names a finding by %s', async (_, name) => {
    expect(idsIn(await showCommand(name(), await as('viewer')))).toEqual([fixed.Id]);
  });
  it('names a waiting finding by the first digits of its approval', async () => {
    expect(idsIn(await showCommand(approval.slice(0, 8), await as('viewer')))).toEqual([waiting.Id]);
  });
  it('sees how several findings with one name differ', async () => {
    const several = showCommand(`EC2.13 ${SHOP}`, await as('viewer'));
    await expect(several).rejects.toThrow(
      new RegExp(`names 2 findings.*\\n.*${shortId(waiting.Id)} +EC2.13 +shop-production +us-east-1 +waiting +sg-`),
    );
  });
  it('lists a resource by its own name, a Region, a severity and a unit', async () => {
    const viewer = await as('viewer');
    const listed = async (filter: object) => idsIn(await listCommand({ ...viewer, ...filter }));
    expect(await listed({ resource: resourceTail(resourceOf(fixed)) })).toEqual([fixed.Id]);
    expect(await listed({ region: 'us-east-1', severity: 'high' })).toContain(fixed.Id);
    expect(await listed({ region: 'eu-west-1' })).toEqual([]);
    expect(await listed({ ou: '/' })).toEqual(expect.arrayContaining([fixed.Id, waiting.Id]));
  });
  it('sees names of accounts, and is refused a unit that does not exist', async () => {
    const viewer = await as('viewer');
    const csv = await listCommand({ ...viewer, json: false, output: 'csv', account: SHOP });
    expect(csv).toContain(`,${SHOP},shop-production,us-east-1,`);
    await expect(listCommand({ ...viewer, ou: '/Nowhere' })).rejects.toThrow('There is no organizational unit');
    await expect(listCommand({ ...viewer, status: 'failed', waiting: true })).rejects.toThrow('--waiting or --status');
    await expect(listCommand({ ...viewer, account: '333333333334' })).rejects.toThrow(`did you mean ${SHOP}?`);
  });
  it('follows changes until Ctrl-C', async () => {
    const interrupt = new AbortController();
    const printed: string[] = [];
    const waits: string[] = [];
    let processing: Promise<unknown> = Promise.resolve();
    const finding = await suture.arrange('EC2.13');
    const following = listCommand({
      ...(await as('viewer')),
      progress: (line) => waits.push(`after ${printed.length}: ${line}`),
      json: false,
      output: 'name',
      follow: true,
      status: 'waiting',
      signal: interrupt.signal,
      print: (text) => {
        printed.push(text);
        if (printed.length === 1) processing = suture.process(finding);
        else interrupt.abort();
      },
    });
    await expect(following).rejects.toMatchObject({ name: 'Interrupted' });
    await processing;
    expect(printed).toEqual([waiting.Id, finding.Id]);
    expect(waits).toEqual(['after 1: Changes follow as they come; Ctrl-C ends.']);
  });
  it('watches the installation until Ctrl-C, with a line for each change', async () => {
    const interrupt = new AbortController();
    const printed: string[] = [];
    const finding = await suture.arrange('EC2.13');
    let processing: Promise<unknown> = Promise.resolve();
    const watching = statusCommand({
      ...(await as('viewer')),
      json: false,
      watch: true,
      signal: interrupt.signal,
      print: (text) => {
        printed.push(text);
        if (printed.length === 1) processing = suture.process(finding);
        else interrupt.abort();
      },
    });
    await expect(watching).rejects.toMatchObject({ name: 'Interrupted', message: 'No longer watching.' });
    await processing;
    const [before, after] = printed.map((line) => line.split('\t'));
    expect(printed).toHaveLength(2);
    expect([before![1], after![1]]).toEqual(Array(2).fill(expect.stringMatching(/^\d+ open, \d+ waiting, /)));
    expect(after![1]).not.toBe(before![1]);
    expect(Date.parse(after![0]!) - Date.parse(before![0]!)).toBeGreaterThanOrEqual(15_000);
  });
});

describe('an approver', () => {
  it('names an approval by its finding or its resource, and a second answer has the name in the first', async () => {
    const approver = await as('approver');
    const api = await approvalApi(new APIGatewayClient(approver.aws));
    const answer = (answer: 'approve' | 'deny', name: string) => answerCommand(answer, name, { ...approver, api });
    await expect(answer('approve', shortId(fixed.Id))).rejects.toThrow(/is fixed and waits for nobody/);
    expect(JSON.parse(await answer('approve', shortId(waiting.Id)))).toMatchObject({ id: approval });
    await suture.sandbox.settled();
    for (const name of [approval, approval.slice(0, 8), shortId(waiting.Id), resourceTail(resourceOf(waiting))])
      await expect(answer('deny', name)).rejects.toThrow(/suture-approver\/ada approved it at 2/);
  });
});

describe('an operator', () => {
  it('undoes a change by the name of its group, and is told if it is undone already', async () => {
    const operator = { ...(await as('operator')), json: false };
    const group = resourceTail(resourceOf(fixed));
    expect((await rollbackCommand(group, operator)).text).toContain('1 rolled back');
    const { text, failed } = await rollbackCommand(group, operator);
    expect(failed).toBe(true);
    expect(text).toMatch(/undone already, by arn:aws:sts::\d{12}:assumed-role\/suture-operator\/ada at 2/);
  });
  it("leaves the reason in the finding's history, where a viewer reads it", async () => {
    const story = await showCommand(shortId(fixed.Id), { ...(await as('viewer')), json: false });
    expect(story).toMatch(/\nUndone .* by arn:.*\/ada because "a trial"; Suture leaves it alone/);
    expect(story).toMatch(/ asked by +arn:.*\/ada 2\S+Z \(rollback\): a trial\n/);
  });
  it('is told that nothing was ever changed', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'observe' } });
    const observed = await suture.arrange('EC2.13');
    await suture.process(observed);
    const { text } = await rollbackCommand(shortId(observed.Id), { ...(await as('operator')), json: false });
    expect(text).toMatch(/never changed by Suture; it is planned since 2.*: /);
  });
  it('names a finding by the first digits of an earlier execution, as a viewer may', async () => {
    for (const name of [hash(fixing).slice(0, 10), `suture-${hash(fixing).slice(0, 10)}`])
      expect(idsIn(await showCommand(name, await as('viewer')))).toEqual([fixed.Id]);
  });
  it('replays a finding by its first digits', async () => {
    const { text } = await replayCommand(shortId(fixed.Id), { ...(await as('operator')), dryRun: true });
    expect(JSON.parse(text).plan).toMatchObject([{ findingId: fixed.Id }]);
  });
});
