/** Whatever is handled can be simulated: a finding about a resource that somebody else's account has, by its own id. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { scenariosOf } from '../../../functions/remediations/scenarios.generated.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { makeFaulty } from '../../../lab/organization/seed.ts';
import type { Trace } from '../../../lab/organization/trace.ts';
import { readEntries } from '../../../lab/simulate/input.ts';
import { everything } from '../../../lab/simulate/policy.ts';
import { simulate } from '../../../lab/simulate/run.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';

/** A control each, in an account of its own: fixes of one must not reach another. */
const CONTROLS = remediations.flatMap(({ handles, risk }) => handles.controls.map((control) => ({ control, risk })));
const accountOf = (n: number) => String(300_000_000_000 + n);
const REGION = 'eu-west-1';
const MANAGEMENT = '999999999999';

let elsewhere: Sandbox;
let traces: Trace[];

beforeAll(async () => {
  elsewhere = await createSandbox({
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
    const resource = await makeFaulty(elsewhere, scenariosOf(control), place, control, `theirs-${n}`);
    findings.push(controlFinding({ ...place, control, resource, name: `finding-${n}`, at: new Date() }));
  }
  traces = await simulate(readEntries(JSON.stringify(findings), 'test'), {
    policy: everything(remediations),
    asIs: false,
  });
});
afterAll(() => elsewhere.close());

it.each(CONTROLS.map(({ control, risk }, n) => [control, risk, n] as const))('%s, %s', (_, risk, n) => {
  const { outcome, reason, before, after } = traces[n]!;
  expect([outcome, reason]).toEqual([
    risk === 'destructive' ? 'WAITING' : 'FIXED',
    expect.not.stringContaining('the sandbox'),
  ]);
  expect(after).not.toEqual(before);
});
