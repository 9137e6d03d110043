/**
 * Text that members and other people choose (ids, titles, tags, names of accounts and units, reasons), in every form in
 * which a command prints it. The commands already return plain text, before the output is filtered again.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import { proposalApi } from '../../cli/clients/proposals.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import { approvalsCommand } from '../../cli/commands/approvals.ts';
import { backfillCommand } from '../../cli/commands/backfill.ts';
import { coverageCommand } from '../../cli/commands/coverage.ts';
import { exemptCommand } from '../../cli/commands/exempt.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { nextCommand } from '../../cli/commands/next.ts';
import { diffCommand } from '../../cli/commands/policy/diff.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { reportCommand } from '../../cli/commands/report.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { stopsCommand } from '../../cli/commands/stops.ts';
import { suppressionsCommand } from '../../cli/commands/suppressions.ts';
import { triageCommand } from '../../cli/commands/triage.ts';
import { OUTPUT_FORMATS } from '../../cli/output/listing.ts';
import { listProposals } from '../../cli/proposals/list-proposals.ts';
import { proposalPage } from '../../cli/proposals/proposal-text.ts';
import { REPORT_FORMATS } from '../../cli/report/report-formats.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { ORGANIZATIONS } from '../../sandbox/services/organizations/state.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const INVISIBLE = /(?!\n|\t|\r\n)[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u;
const HOSTILE = `=cmd|'/c calc'!A1\nApprove all of them: https://evil.example <b>\u001b[8m\u202e\u009b2J;=1+1`;
/** Of a finding that triage rejects, every character is the sender's. */
const ID = `=1+1 --failed; ${HOSTILE}`;
const HOUR = 3_600_000;

let suture: Pipeline;
let finding: ControlFinding;
let folder: string;
let proposal: Proposal;
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  folder = await mkdtemp(join(tmpdir(), 'suture-text-'));
  const { partition, homeRegion: region } = suture.context;
  const { accounts, units } = suture.kernel.state(ORGANIZATIONS, { partition, region, account: '' });
  accounts.set(SHOP, { ...accounts.get(SHOP)!, name: HOSTILE });
  for (const [id, unit] of units) units.set(id, { ...unit, name: `${unit.name}${HOSTILE}` });
  await suture.kernel.clock.advance(HOUR);
  const [bastion] = TEST_POLICY.suppressions;
  const suppressions = [{ ...bastion!, reason: HOSTILE, owner: HOSTILE.slice(0, 99) }];
  await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' }, suppressions });
  finding = { ...(await suture.arrange('EC2.13')), Title: HOSTILE };
  await suture.process(finding, { ...(await suture.arrange('EC2.13', { account: TRAINING })), Title: HOSTILE });
  suture.emit([{ ...finding, Id: ID }]);
  await suture.sandbox.settled();
  const [resource] = (await suture.arrange('EC2.14')).Resources;
  const open = { ...suture.finding('EC2.14', { ...resource!, Tags: { [HOSTILE]: HOSTILE } }), Title: HOSTILE };
  await putExistingFindings(suture, [open]);
  await stopCommand({ ledger: stops(), reason: HOSTILE.slice(0, 299), yes: true });
  const store = await policyStore(new AppConfigClient(suture.securityAdministrator()));
  const wide = { ...suppressions[0]!, id: 'wide', criteria: { title: HOSTILE } };
  const policy = SuturePolicy.parse({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' }, suppressions: [wide] });
  const reply = await store.deploy(await store.add(policy, await store.latestVersion()), () => {});
  proposal = (reply as { proposal: Proposal }).proposal;
});
afterAll(async () => {
  await suture.sandbox.close();
  await rm(folder, { recursive: true });
});

const operator = () => ({ ...testOperator(suture), json: false });
const stops = () => stopsClient(new DynamoDBClient(suture.securityAdministrator()), () => suture.kernel.clock.now());
const approvals = () => approvalApi(new APIGatewayClient(suture.securityAdministrator()));
async function policyFile(): Promise<string> {
  const file = join(folder, 'policy.yaml');
  await writeFile(file, JSON.stringify({ ...TEST_POLICY, suppressions: [], controls: { 'EC2.14': 'auto' } }));
  return file;
}
const exempt = async (name: string) => {
  const asked = { until: '2099-01-01', owner: 'ada', reason: 'a trial', dryRun: true };
  return exemptCommand(name, { ...operator(), ...asked, file: await policyFile() });
};

type Print = (show: (line: string) => void) => Promise<string | { readonly text: string }>;
const forms = (print: (output: (typeof OUTPUT_FORMATS)[number] | undefined) => Print) =>
  [undefined, ...OUTPUT_FORMATS].flatMap((output) =>
    output === 'json' || output === 'jsonl' ? [] : [[output ?? 'plain', print(output)] as const],
  );
const named = (name: string, of: readonly (readonly [string, Print])[]) =>
  of.map(([form, print]) => [`${name}, ${form}`, print] as const);

const NAMED: Readonly<Record<string, () => string>> = {
  'a waiting one': () => finding.Id,
  'a rejected one': () => ID,
};

const PRINTS: readonly (readonly [string, Print])[] = [
  ...['rejected', 'waiting'].flatMap((status) =>
    named(
      `list of ${status} ones`,
      forms((output) => (show) => listCommand({ ...operator(), output, show, status })),
    ),
  ),
  ...named(
    'a terminal',
    ['rejected', 'waiting'].map((status) => [
      status,
      () => listCommand({ ...operator(), status, isTerminal: true, width: 200 }),
    ]),
  ),
  ...named(
    'approvals',
    forms((output) => async (show) => approvalsCommand({ api: await approvals(), output, show })),
  ),
  ...named(
    'suppressions',
    forms((output) => (show) => suppressionsCommand({ ...operator(), output, show })),
  ),
  ...named(
    'report',
    REPORT_FORMATS.map((format) => [format, () => reportCommand({ ...operator(), format, from: '7d' })]),
  ),
  ...named(
    'proposals',
    forms((output) => async (show) => {
      const api = await proposalApi(new APIGatewayClient(suture.securityAdministrator()));
      return listProposals(undefined, { api, output, show });
    }),
  ),
  ['a proposal', async () => proposalPage({ ...proposal, reason: finding.Title })],
  ...named(
    'dry run',
    Object.entries(NAMED).flatMap(([of, id]) => [
      [`replay of ${of}`, async () => replayCommand(id(), { ...operator(), dryRun: true })] as const,
      [`rollback of ${of}`, async () => rollbackCommand(id(), { ...operator(), dryRun: true })] as const,
    ]),
  ),
  ['dry run, backfill', () => backfillCommand({ ...operator(), dryRun: true })],
  ['triage', (show) => triageCommand({ ...operator(), show })],
  ['names that several findings have', () => showCommand('EC2.13', operator())],
  ['show of a waiting one', () => showCommand(finding.Id, operator())],
  ['show of a rejected one', () => showCommand(ID, operator())],
  ['status', () => statusCommand(operator())],
  ['next', () => nextCommand(operator())],
  ['stops', (show) => stopsCommand({ ledger: stops(), show })],
  ['stop', () => stopCommand({ ledger: stops(), reason: 'again', yes: true })],
  ['coverage', (show) => coverageCommand([], { ...operator(), show })],
  ['coverage, csv', (show) => coverageCommand([], { ...operator(), output: 'csv', show })],
  [
    'policy diff',
    async () =>
      diffCommand(await policyFile(), { ...operator(), client: new AppConfigClient(suture.securityAdministrator()) }),
  ],
  [
    'policy diff --impact',
    async () =>
      diffCommand(await policyFile(), {
        ...operator(),
        impact: true,
        client: new AppConfigClient(suture.securityAdministrator()),
      }),
  ],
  ['exempt of a waiting one', () => exempt(finding.Id)],
  ['exempt of a rejected one', () => exempt(ID)],
];

/** Forms that have some of the text. Ids alone, figures and file names have none. */
const QUOTING: string[] = [];

describe('text of members and other people', () => {
  it.each(PRINTS)('adds no line, control character, formula or link: %s', async (form, print) => {
    const shown: string[] = [];
    const answer = await print((line) => shown.push(line)).catch(({ message }: Error) => message);
    const text = typeof answer === 'string' ? answer : answer.text;
    if ([text, ...shown].some((out) => out.includes('calc'))) QUOTING.push(form);
    for (const out of [text, ...shown]) {
      expect(out).not.toMatch(INVISIBLE);
      expect(out).not.toMatch(/^[\s"]*Approve all of them/m);
      if (/plain|csv|status|stops|coverage/.test(form))
        for (const cell of out.split(/[\t\n;,]/)) expect(cell).not.toMatch(/^[\s"]*[=＝@]/);
    }
    if (form.endsWith('md')) expect(text).not.toMatch(/https?:|evil\.example|(?<!\\)<b/);
    if (form.endsWith('html')) expect(text).not.toMatch(/<b>|<a /);
    if (form.endsWith('name')) expect(text).toMatch(/^[\w.:/+=,@\n-]*$/);
  });

  it('is in at least twenty of these forms', () => {
    expect(QUOTING.length).toBeGreaterThanOrEqual(20);
  });

  it.each(['json', 'jsonl'] as const)('is exact as %s', async (output) => {
    const text = await listCommand({ ...operator(), status: 'rejected', output });
    const items = output === 'json' ? JSON.parse(text) : text.split('\n').map((line) => JSON.parse(line));
    expect(items.map(({ findingId }: { findingId: string }) => findingId)).toContain(ID);
  });
});
