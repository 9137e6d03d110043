/** Owners get one message of each kind a day, even if the function dies meanwhile. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../functions/domain/job.ts';
import { seriesKey } from '../../../functions/domain/message-series.ts';
import type { MessageEvent, OwnerMessage } from '../../../functions/domain/owner-message.ts';
import type { OwnerPlace } from '../../../functions/domain/resource-owner.ts';
import type { Reverted } from '../../../functions/domain/reverted.ts';
import { type OwnerMail, sendOwnerMessages } from '../../../functions/owner-messages/send.ts';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import type { OwnerMessageLog, SentOwnerMessage } from '../../../functions/ports/owner-message-log.ts';

const HOUR = 3_600_000;
const CLAIM_MS = 15 * 60_000;
const SHOP: OwnerPlace = { kind: 'slack', to: '#shop' };
const BEGAN = Date.UTC(2026, 10, 30, 9);

type Given = {
  readonly changedAt?: number;
  readonly places?: readonly OwnerPlace[];
  readonly status?: 'NOTIFIED' | 'WAITING' | 'COMPLIANT';
  readonly dueBy?: number;
  readonly severity?: string;
  readonly title?: string;
  /** The owner was told then, and reminded since. */
  readonly reminded?: string;
  readonly reverted?: Reverted;
};

type World = {
  now: number;
  readonly records: Map<string, LedgerRecord>;
  readonly sent: OwnerMessage[];
  readonly mails: OwnerMail[];
  /** Throws at this call of an adapter, as a function that is killed there. */
  dies: string | undefined;
  put(id: string, given?: Given): void;
  run(): Promise<unknown>;
};

/** An installation whose ledger, clock and places are in memory. */
function installation(): World {
  const world: World = {
    now: BEGAN,
    records: new Map(),
    sent: [],
    mails: [],
    dies: undefined,
    put(
      id: string,
      { changedAt = world.now - HOUR, places = [SHOP], status = 'NOTIFIED', dueBy, ...more }: Given = {},
    ) {
      const iso = (at: number) => new Date(at).toISOString();
      const finding = { id, productArn: 'p', control: 'ECR.1', account: '333333333333', region: 'eu-west-1' };
      const resource = { Type: 'AwsEcrRepository', Id: `arn:aws:ecr:::${more.title ?? id}` };
      const job = {
        finding: { ...finding, severity: more.severity ?? 'HIGH', resource },
        owner: { name: 'shop', because: 'policy', places: [...places] },
        ...(dueBy !== undefined && { dueBy: iso(dueBy) }),
        ...(more.reminded !== undefined && { notice: 'reminder', toldAt: more.reminded }),
        ...(more.reverted && { result: { kind: 'notified', version: 1, reverted: more.reverted } }),
      } as unknown as Job;
      const listed = { findingId: id, ofStatus: status, changedAt: iso(changedAt), reason: 'scans no images' };
      world.records.set(id, { ...listed, job } as LedgerRecord);
    },
    async run() {
      const at = (call: string) => {
        if (world.dies === call) throw new Error(`killed at ${call}`);
      };
      const log = memoryLog(() => world.now, at);
      return sendOwnerMessages({
        queries: {
          list: async ({ status, since = '' }) => ({
            items: [...world.records.values()].filter((each) => each.ofStatus === status && each.changedAt >= since),
          }),
          record: async (id) => world.records.get(id),
        },
        log,
        async publish(event: MessageEvent) {
          at('publish before');
          if (event.name === 'suture.owner.message.v1') world.sent.push(event.detail);
          at('publish after');
        },
        mail: async (mail) => void world.mails.push(mail),
        now: () => world.now,
      });
    },
  };
  const items = new Map<string, SentOwnerMessage>();
  const claims = new Map<string, number>();
  let mark: string | undefined;
  const memoryLog = (now: () => number, at: (call: string) => void): OwnerMessageLog => ({
    sent: async () => new Map(items),
    async claim({ place, kind }, day) {
      const key = seriesKey(place, kind);
      if (items.get(key)?.day === day || (claims.get(key) ?? 0) > now() - CLAIM_MS) return false;
      claims.set(key, now());
      return true;
    },
    async finish({ place, kind }, sent) {
      at('finish');
      items.set(seriesKey(place, kind), sent);
      claims.delete(seriesKey(place, kind));
    },
    watermark: async () => mark,
    async moveWatermark(to) {
      at('mark');
      mark = to;
    },
  });
  return world;
}

const textOf = ({ body }: OwnerMessage): string => JSON.stringify(body);

describe('owners', () => {
  it('get one message for forty findings, once', async () => {
    const suture = installation();
    for (let n = 0; n < 40; n++) suture.put(`f${n}`, { severity: n === 39 ? 'CRITICAL' : 'LOW' });
    for (let hour = 0; hour < 30; hour++) {
      await suture.run();
      suture.now += HOUR;
    }
    expect(suture.sent).toHaveLength(1);
    expect(suture.sent[0]).toMatchObject({
      kind: 'told',
      place: SHOP,
      owner: 'shop',
      severity: 'CRITICAL',
      count: 40,
      headline: 'Suture: 40 findings of yours to fix',
    });
    const text = textOf(suture.sent[0]!);
    for (let n = 0; n < 40; n++) expect(text).toContain(`f${n}.`);
    expect(text.indexOf('f39')).toBeLessThan(text.indexOf('f0.'));
  });

  it('get later findings of the same day in one message on the next day, without those that were fixed', async () => {
    const suture = installation();
    suture.put('first');
    await suture.run();
    for (const id of ['second', 'third', 'ownerFixed']) {
      suture.now += HOUR;
      suture.put(id, { changedAt: suture.now - HOUR / 2 });
      await suture.run();
    }
    suture.put('ownerFixed', { status: 'COMPLIANT' });
    suture.now += 24 * HOUR;
    await suture.run();
    expect(suture.sent.map(({ count, at }) => [count, at.slice(0, 10)])).toEqual([
      [1, '2026-11-30'],
      [2, '2026-12-01'],
    ]);
    expect(textOf(suture.sent[1]!)).toMatch(/second.*third/);
  });

  it('get one message at each place', async () => {
    const suture = installation();
    const mail: OwnerPlace = { kind: 'mail', to: 'shop@example.com' };
    suture.put('a', { places: [SHOP, mail, { kind: 'jira', to: 'SHOP' }, { kind: 'repository', to: 'r' }] });
    suture.put('b', { places: [{ kind: 'teams', to: 'data' }, mail] });
    await suture.run();
    expect(suture.sent.map(({ place, count }) => [place.kind, place.to, count])).toEqual([
      ['slack', '#shop', 1],
      ['teams', 'data', 1],
    ]);
    expect(suture.mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['shop@example.com', 'Suture: 2 findings of yours to fix'],
    ]);
    expect(suture.mails[0]!.text).toMatch(/HIGH ECR\.1 in account 333333333333, eu-west-1: AwsEcrRepository/);
  });

  it('are reminded once, a day before their time is up', async () => {
    const suture = installation();
    suture.put('due', { status: 'WAITING', dueBy: suture.now + 72 * HOUR });
    for (let hour = 0; hour < 90; hour++) {
      await suture.run();
      suture.now += HOUR;
    }
    expect(suture.sent.map(({ kind, at }) => [kind, (Date.parse(at) - BEGAN) / HOUR])).toEqual([
      ['told', 0],
      ['reminder', 48],
    ]);
    expect(textOf(suture.sent[0]!)).toContain('Until 2026-12-03 09:00 UTC.');
  });

  it('are not reminded if they have a day or less', async () => {
    const suture = installation();
    suture.put('short', { status: 'WAITING', dueBy: suture.now + 20 * HOUR });
    for (let run = 0; run < 19; run++) {
      await suture.run();
      suture.now += HOUR;
    }
    expect(suture.sent.map(({ kind }) => kind)).toEqual(['told']);
  });

  it("are not told again when the workflow's reminder changes the ledger", async () => {
    const suture = installation();
    suture.put('due', { status: 'WAITING', dueBy: suture.now + 72 * HOUR });
    await suture.run();
    suture.now += 49 * HOUR;
    const toldAt = new Date(BEGAN - HOUR).toISOString();
    suture.put('due', {
      status: 'WAITING',
      dueBy: suture.now + 23 * HOUR,
      changedAt: suture.now - HOUR,
      reminded: toldAt,
    });
    await suture.run();
    expect(suture.sent.map(({ kind }) => kind)).toEqual(['told', 'reminder']);
  });

  it('get a separate message about fixes that their deployments undid', async () => {
    const suture = installation();
    suture.put('new');
    suture.put('undone', { reverted: { by: 'stack shop', at: '2026-11-30T08:00:00Z', times: 2 } });
    await suture.run();
    expect(suture.sent.map(({ kind, headline }) => [kind, headline])).toEqual([
      ['told', 'Suture: one finding of yours to fix'],
      ['reverted', 'Suture: a change or deployment of yours undid the fix of one finding'],
    ]);
  });

  it('get no message about a change that waits for an approver', async () => {
    const suture = installation();
    suture.put('asked', { status: 'WAITING' });
    suture.put('late', { status: 'WAITING', dueBy: suture.now - HOUR });
    await suture.run();
    expect(suture.sent).toEqual([]);
  });

  it("get findings that the ledger's index shows late", async () => {
    const suture = installation();
    const changedAt = suture.now - 60_000;
    await suture.run();
    suture.put('late', { changedAt });
    suture.now += HOUR;
    await suture.run();
    expect(suture.sent.map(({ count }) => count)).toEqual([1]);
  });
});

describe('a function that dies', () => {
  it.each(['publish before', 'publish after', 'finish', 'mark'])('at %s loses no message', async (call) => {
    const suture = installation();
    suture.put('a');
    suture.put('b', { places: [{ kind: 'teams', to: 'data' }] });
    suture.dies = call;
    await expect(suture.run()).rejects.toThrow('killed');
    suture.dies = undefined;
    suture.now += 60_000;
    await suture.run();
    const afterRetry = suture.sent.length;
    suture.now += HOUR;
    await suture.run();
    await suture.run();
    const byPlace = Object.groupBy(suture.sent, ({ place }) => place.kind);
    expect(Object.keys(byPlace).sort()).toEqual(['slack', 'teams']);
    // Only what EventBridge had taken before the function died may come again.
    const most = call === 'publish after' || call === 'finish' ? 2 : 1;
    for (const messages of Object.values(byPlace)) expect(messages!.length).toBeLessThanOrEqual(most);
    expect(afterRetry).toBeLessThanOrEqual(2);
  });

  it('at one place still sends to the others', async () => {
    const suture = installation();
    suture.put('a');
    suture.put('b', { places: [{ kind: 'mail', to: 'b@example.com' }] });
    suture.dies = 'publish before';
    await expect(suture.run()).rejects.toThrow('killed');
    expect(suture.mails).toHaveLength(1);
  });

  it('sends nothing twice beside another instance', async () => {
    const suture = installation();
    suture.put('a');
    await Promise.all([suture.run(), suture.run()]);
    expect(suture.sent).toHaveLength(1);
  });
});

describe('a message', () => {
  it.each([
    ['slack', 30_000],
    ['teams', 28_000],
  ] as const)('for %s stays within its limit, and says how many it leaves out', async (kind, bytes) => {
    const suture = installation();
    for (let n = 0; n < 900; n++) suture.put(`finding-${n}-${'x'.repeat(200)}`, { places: [{ kind, to: 'c' }] });
    await suture.run();
    const [message] = suture.sent as [OwnerMessage];
    expect(message.count).toBe(900);
    expect(Buffer.byteLength(textOf(message))).toBeLessThan(bytes);
    expect(textOf(message)).toMatch(/And \d+ more: suture list --status notified/);
    for (const block of message.body as { text: any }[])
      expect((block.text.text ?? block.text).length).toBeLessThanOrEqual(3000);
  });

  it('escapes text of members that a chat would read as markup', async () => {
    const suture = installation();
    suture.put('a', { title: '<!channel> *x* <https://evil.example|ok> "\\' });
    await suture.run();
    const [{ text }] = suture.sent[0]!.body as [{ text: { text: string; type: string } }];
    expect(text.type).toBe('plain_text');
    expect(text.text).not.toMatch(/[<>*"\\|]|https:\/\//);
  });
});
