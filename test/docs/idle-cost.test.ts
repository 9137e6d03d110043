import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { resourcesOf, synthesizeTemplates } from '../stacks/templates.ts';

it('docs/reference/performance.md and the README have what an idle installation costs', async () => {
  const { templates } = synthesizeTemplates(REMEDIATIONS, await readCdkJsonContext());
  const count = (type: string) =>
    [...templates]
      .filter(([stack]) => !stack.startsWith('SutureIpRanges'))
      .reduce((sum, [, template]) => sum + resourcesOf(template, type).length, 0);
  const keys = count('AWS::KMS::Key');
  const alarms = count('AWS::CloudWatch::Alarm');
  const dashboards = count('AWS::CloudWatch::Dashboard');
  const total = keys + Math.round(alarms / 10) + 3 * dashboards;

  const page = await readFile('docs/reference/performance.md', 'utf8');
  expect(page).toContain(`| keys of KMS | $1 | ${keys}: `);
  expect(page).toContain(`| alarms of CloudWatch | $0.10 | ${alarms} | $${Math.round(alarms / 10)} |`);
  expect(page).toContain(`| dashboard | $3 | ${dashboards} |`);
  expect(page).toContain(`| | | | $${total} |`);
  expect(await readFile('README.md', 'utf8')).toContain(`about $${total} a month`);
});
