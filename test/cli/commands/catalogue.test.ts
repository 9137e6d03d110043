import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../cli/catalogue/load.ts';
import { catalogueCommand, catalogueListing } from '../../../cli/commands/catalogue.ts';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { fittedTable } from '../../../cli/output/fitted-table.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

describe('suture catalogue', () => {
  const controls = async (options: Parameters<typeof catalogueCommand>[0]) =>
    JSON.parse(await catalogueCommand({ ...options, json: true })).map(({ control }: { control: string }) => control);

  it('lists every control that the registry handles', async () => {
    expect((await controls({})).toSorted()).toEqual(REMEDIATIONS.flatMap(({ handles }) => handles.controls).toSorted());
  });
  it('sorts the numbers of controls as numbers', async () => {
    const listed = await controls({});
    expect(listed.indexOf('EC2.7')).toBeLessThan(listed.indexOf('EC2.13'));
  });
  it.each<[options: Parameters<typeof catalogueCommand>[0], has: string, hasNot: string]>([
    [{ risk: 'safe' }, 'RDS.8', 'EC2.13'],
    [{ risk: 'disruptive' }, 'EC2.13', 'RDS.8'],
    [{ cis: '3.0' }, 'EC2.7', 'EC2.13'],
    [{ cis: '1.2' }, 'EC2.13', 'EC2.7'],
    [{ service: 'EC2', cis: '1.2' }, 'EC2.13', 'EC2.7'],
  ])('filters by %j', async (options, has, hasNot) => {
    const listed = await controls(options);
    expect(listed).toContain(has);
    expect(listed).not.toContain(hasNot);
  });
  it.each<[options: Parameters<typeof catalogueCommand>[0], versions: string[]]>([
    [{}, ['5.0', '3.0', '1.4', '1.2']],
    [{ cis: '1.4' }, ['1.4']],
  ])(
    '--coverage by %j tells how many controls of %j are covered, and why others are not',
    async (options, versions) => {
      const coverage = JSON.parse(await catalogueCommand({ ...options, coverage: true, json: true }));
      expect(coverage.map(({ version }: { version: string }) => version)).toEqual(versions);
      for (const { controls, covered, uncovered } of coverage) {
        expect(covered).toBe(controls - uncovered.length);
        expect(uncovered).toContainEqual(expect.objectContaining({ control: 'IAM.5', kind: 'person' }));
      }
    },
  );
  it('--coverage prints one line for each control that is not covered', async () => {
    const lines = (await catalogueCommand({ coverage: true, cis: '1.2' })).split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^1\.2\t1\.14\tIAM\.6\tperson\t/));
  });
  it('--coverage refuses filters that would count a part as the whole', async () => {
    await expect(catalogueCommand({ coverage: true, risk: 'safe' })).rejects.toMatchObject({ name: 'UsageError' });
  });
  it.each([
    ['csv' as const, /^control,risk,CIS 3\.0,remediation,title\n(?:.*\n)*EC2\.7,disruptive,2\.2\.1,/],
    ['name' as const, /(?:^|\n)EC2\.7(?:$|\n)/],
    ['jsonl' as const, /^\{"control":/],
  ])('prints %s', async (output, form) => {
    expect(await catalogueCommand({ cis: '3.0', output })).toMatch(form);
  });
  it.each([80, 120])('cuts no name of a remediation in %i columns', async (width) => {
    const { columns } = catalogueListing({});
    const entries = await loadCatalogue();
    const text = fittedTable(
      columns,
      entries.map((entry) => columns.map(({ value }) => value(entry))),
      width,
    );
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    for (const { remediation, title } of entries) {
      expect(text).toMatch(new RegExp(` ${remediation}( |\\n|$)`));
      expect(text).toContain(title.slice(0, 25));
    }
  });
  it('refuses a service without a remediation, with the nearest', async () => {
    await expect(controls({ service: 'ec22' })).rejects.toThrow(
      'No remediation is of a service "ec22"; did you mean ec2?',
    );
    await expect(controls({ service: 'nope' })).rejects.toMatchObject({ name: 'UsageError' });
  });
});
