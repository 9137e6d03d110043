import { expect, it } from 'vitest';
import { stopsPage } from '../../../cli/commands/stops.ts';
import { impactText } from '../../../cli/forecast/impact-text.ts';
import { accountName, accountText } from '../../../cli/names/account-name.ts';
import { reportSections } from '../../../cli/report/report-sections.ts';

const SHOP = '333333333333';
const NAMES = new Map([[SHOP, 'shop-production']]);

it('an account has its name where the directory knows one, and its id otherwise', () => {
  expect([accountName(SHOP, NAMES), accountText(SHOP, NAMES)]).toEqual([
    'shop-production',
    '333333333333 (shop-production)',
  ]);
  expect([accountName('444444444444', NAMES), accountText('444444444444', NAMES)]).toEqual([
    '444444444444',
    '444444444444',
  ]);
});

it('the page of stops names accounts', () => {
  const page = stopsPage(
    {
      stopped: null,
      circuits: [
        {
          ...{ remediation: 'ec2/close-admin-ports', account: SHOP, state: 'open', failures: 3 },
          ...{ openedAt: '2026-03-03T09:00:00.000Z', until: '2026-03-03T10:00:00.000Z' },
        },
      ],
      caps: [
        { remediation: 'ec2/close-admin-ports', account: SHOP, cap: 100 },
        { remediation: 'ec2/close-admin-ports', account: null, cap: 1000 },
      ],
      executions: { thisHour: 1, cap: 20_000 },
      audit: [],
    },
    NAMES,
  );
  expect(page.match(/shop-production/g)).toHaveLength(2);
  expect(page).toContain('the organization');
  expect(page).not.toContain(SHOP);
});

it('the page of stops fits 80 columns', () => {
  const remediation = 'elasticache/back-up-clusters';
  const circuit = { remediation, account: SHOP, state: 'halfOpen', failures: 10 } as const;
  const page = stopsPage(
    {
      stopped: null,
      circuits: [{ ...circuit, openedAt: '2026-03-03T09:00:00.000Z', until: '2026-03-03T10:00:00.000Z' }],
      caps: [{ remediation, account: null, cap: 1000 }],
      executions: { thisHour: 1, cap: 20_000 },
      audit: [],
    },
    NAMES,
    80,
  );
  const lines = page.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const [first, last] = ['Circuits', 'Caps of this hour'].map((title) =>
    lines.findIndex((line) => line.includes(title)),
  );
  expect(last! - first!).toBeLessThanOrEqual(6);
});

it('the impact of a policy names accounts', () => {
  const counts = { fixed: 1, asked: 0, observed: 0, archived: 0, left: 0 };
  const change = {
    ...{ risk: 'safe', severity: 'HIGH', control: 'EC2.13', account: SHOP, from: 'left', to: 'fixed' },
    resource: 'sg-1',
  };
  const impact = {
    ...{ open: 1, before: counts, after: counts, accounts: [{ account: SHOP, before: counts, after: counts }] },
    ...{ owners: [], changed: 1, widened: 1, riskiest: [change] },
  };
  const text = impactText(impact as unknown as Parameters<typeof impactText>[0], NAMES);
  expect(text).toMatch(/^1 of the 1 finding that is open and new ends otherwise:/);
  expect(text.match(/shop-production/g)).toHaveLength(2);
  expect(text).not.toContain(SHOP);
});

it('a report for people names accounts, and one for programs has their ids', () => {
  const day = {
    ...{ day: '2026-11-01', account: SHOP, control: 'EC2.13', endings: { FIXED: 1 }, durations: {} },
    ...{ told: 0, fixed: 0, reverted: 0 },
  };
  const facts = {
    ...{ from: '2026-11-01', to: '2026-11-01', statistics: [day], recurred: {}, ownerFixes: {} },
    ...{ failing: {}, suppressed: {}, units: {} },
  };
  const first = (given: Parameters<typeof reportSections>[0]) =>
    reportSections(given).find(({ id }) => id === 'accounts')!.rows[0]![0];
  expect(first({ ...facts, names: NAMES })).toBe('333333333333 (shop-production)');
  expect(first(facts)).toBe(SHOP);
});
