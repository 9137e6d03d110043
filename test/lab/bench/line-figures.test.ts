import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { isOverLimit, type Row } from '../../../lab/bench/figures.ts';
import { lineRows, sharedRows } from '../../../lab/bench/line-figures.ts';
import { formOf, type RemediationLines, readRemediationLines } from '../../../lab/bench/remediation-lines.ts';

const remediation = (id: string, more: Partial<RemediationLines> = {}): RemediationLines => ({
  ...{ id, form: 'setting', controls: [`${id}.1`], lines: 11, scenarioLines: 8 },
  ...more,
});
const valuesOf = (rows: readonly Row[]) =>
  Object.fromEntries(rows.flatMap(({ figures }) => figures.map(({ name, value }) => [name, value])));

describe('the lines of a control', () => {
  it('are those of the module and its scenarios, for each form, divided by the controls', () => {
    const rows = lineRows([
      remediation('a', { controls: ['A.1', 'A.2'] }),
      remediation('b', { controls: ['A.2'], lines: 15, scenarioLines: 12 }),
      remediation('c', { form: 'own', lines: 60, scenarioLines: 100 }),
    ]);
    expect(valuesOf(rows)).toEqual({
      'lines.setting.per-control': 23,
      'lines.setting.longest': 15,
      'lines.setting.longest-scenarios': 12,
      'lines.own.per-control': 160,
      'lines.own.longest': 60,
      'lines.own.longest-scenarios': 100,
    });
    expect(rows.flatMap(({ figures }) => figures.filter(isOverLimit))).toEqual([]);
    expect(rows[0]!.label).toBe('2 settings of the kit, of 2 controls');
  });
  it.each([
    { says: 'a setting of 16 lines', over: remediation('a', { lines: 16 }), row: 'over its limit: a/index.ts' },
    {
      says: 'scenarios of a setting with 16 lines',
      over: remediation('a', { scenarioLines: 16 }),
      row: 'over its limit: a/scenarios.ts',
    },
    {
      says: "a family's control of 31 lines",
      over: remediation('a', { form: 'family', lines: 31, scenarioLines: 16 }),
      row: 'over its limit: a/index.ts',
    },
    {
      says: 'a module of its own of 61 lines',
      over: remediation('a', { form: 'own', lines: 61, scenarioLines: 16 }),
      row: 'over its limit: a/index.ts',
    },
  ])('$says is listed by name', ({ over, row }) => {
    const rows = lineRows([remediation('b', { form: over.form }), over]);
    expect(rows.filter(({ label }) => label.startsWith('over')).map(({ label }) => label)).toEqual([row]);
    expect(rows.at(-1)!.figures.filter(isOverLimit)).toHaveLength(1);
  });
  it('of what remediations share and of the sandbox are divided by all controls', () => {
    const lines = { kit: 10, services: 20, sandboxServices: 30, sandbox: 41, product: 40 };
    const rows = sharedRows(2, lines);
    expect(valuesOf(rows)).toEqual({
      'lines.services.per-control': 10,
      'lines.kit.per-control': 5,
      'lines.sandbox-services.per-control': 15,
      'lines.sandbox.per-control': 20.5,
      'lines.sandbox': 41,
    });
    expect(rows.flatMap(({ figures }) => figures.filter(isOverLimit)).map(({ name }) => name)).toEqual([
      'lines.sandbox',
    ]);
  });
});

describe('the form of a remediation', () => {
  it.each([
    { form: 'setting', code: 'export default setting(dbInstance, {' },
    { form: 'family', code: 'export default trailAlarm(ROOT_USER_USE);' },
    { form: 'family', code: "import { serviceSetting } from '../service-setting.ts';\nserviceSetting({" },
    { form: 'own', code: 'export default defineRemediation({ setting: setting() })' },
  ])('is $form for $code', ({ form, code }) => {
    expect(formOf(code)).toBe(form);
  });
  it('is known of every remediation', () => {
    const read = readRemediationLines();
    expect(read.map(({ id }) => id)).toEqual(REMEDIATIONS.map(({ id }) => id).sort());
    const formIn = (id: string) => read.find((each) => each.id === id)!.form;
    expect(formIn('rds/protect-instances')).toBe('setting');
    expect(formIn('cloudwatch/alarm-on-root-use')).toBe('family');
    expect(formIn('ec2/close-admin-ports')).toBe('own');
  });
});
