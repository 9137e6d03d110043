/** Simulates a finding of every handled control, about a resource of another organization under its own id. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { SCENARIOS, scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { makeFaultyResource } from '../../../lab/organization/make-faulty-resource.ts';
import type { Trace } from '../../../lab/organization/trace.ts';
import { parseFindings } from '../../../lab/simulate/input.ts';
import { scenarioPolicy } from '../../../lab/simulate/policy.ts';
import { simulate } from '../../../lab/simulate/run.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';

/** Each control has its own account, so that a fix of one does not affect another. */
const CONTROLS = REMEDIATIONS.flatMap(({ handles, risk }) => handles.controls.map((control) => ({ control, risk })));
const accountOf = (n: number) => String(300_000_000_000 + n);
const REGION = 'eu-west-1';
const MANAGEMENT = '999999999999';

let otherOrganization: Sandbox;
let traces: Trace[];

beforeAll(async () => {
  otherOrganization = await createSandbox({
    organization: {
      id: 'o-elsewhere01',
      managementAccount: MANAGEMENT,
      accounts: [MANAGEMENT, ...CONTROLS.map((_, n) => accountOf(n))].map((id) => ({ id, name: id })),
    },
    homeRegion: REGION,
    seed: 7,
  });
  const findings = [];
  for (const [n, { control }] of CONTROLS.entries()) {
    const place = { partition: 'aws', account: accountOf(n), region: REGION };
    const resource = await makeFaultyResource(otherOrganization, scenariosOf(control), place, control, `other-${n}`);
    findings.push(controlFinding({ ...place, control, resource, name: `finding-${n}`, at: new Date() }));
  }
  traces = await simulate(parseFindings(JSON.stringify(findings), 'test'), {
    policy: scenarioPolicy(SCENARIOS),
    asIs: false,
  });
});
afterAll(() => otherOrganization.close());

it.each(CONTROLS.map(({ control, risk }, n) => [control, risk, n] as const))('%s, %s', (_, risk, n) => {
  const { outcome, reason, before, after } = traces[n]!;
  expect([outcome, reason]).toEqual([
    risk === 'destructive' ? 'WAITING' : 'FIXED',
    expect.not.stringContaining('the sandbox'),
  ]);
  expect(after).not.toEqual(before);
});
