/** Signatures, leases, counters and journal tolerate the clock skew of function instances. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomClockSkews } from '../../lab/soak/fault-plan.ts';
import type { FaultableCall } from '../../sandbox/kernel/fault.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import { limitInstances, skewClocks, stopFunctions } from '../../sandbox/runtime/pool.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

const MINUTE = 60_000;
const HTTPS = 'tcp 443 from 0.0.0.0/0';
const CLOSE_PORTS = 'ec2/close-admin-ports';
const FIXED_ONCE = { status: 'done', before: { publicRules: [{ from: 22 }, { from: 443 }] } };

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
  limitInstances(suture.kernel, 48, 2);
});
afterAll(() => suture.sandbox.close());

/** Stops all function instances; new ones start with these clock skews. */
async function withClocks(next: (functionName: string) => number): Promise<void> {
  await stopFunctions(suture.kernel);
  skewClocks(suture.kernel, next);
}

const callIntervals = (executions: readonly string[]) =>
  executions
    .map((execution) => suture.callsOf(execution).map(({ at }) => at))
    .map((times) => [Math.min(...times), Math.max(...times)] as const)
    .toSorted(([a], [b]) => a - b);

describe('a function whose clock skew exceeds what a signature tolerates', () => {
  it.each([
    ['behind', -8 * MINUTE, 'Signature expired'],
    ['ahead', 8 * MINUTE, 'Signature not yet current'],
  ])(
    'is refused once, corrects its offset from the response, and loses no finding: eight minutes %s',
    async (_, skew, message) => {
      await withClocks(() => skew);
      const finding = await suture.arrange('EC2.13');
      const [{ outcome }] = await suture.process(finding);
      expect(outcome).toBe('FIXED');
      expect(await suture.inbound(finding)).toEqual([HTTPS]);
      expect(await suture.journal(CLOSE_PORTS, finding)).toMatchObject([FIXED_ONCE]);
      // The workflow retries a call of a remediation, the proxy does not.
      expect(functionLogs(suture.kernel).filter(({ line }) => line.includes(message)).length).toBeGreaterThan(0);
    },
  );
});

describe('a lease', () => {
  it('is not taken over while its owner works, even if one clock is five minutes behind and the other five ahead', async () => {
    let proxies = 0;
    await withClocks((name) => (name === 'suture-proxy' ? (proxies++ === 0 ? -5 : 5) * MINUTE : 0));
    const first = await suture.arrange('EC2.13');
    const second = suture.finding('EC2.13', first.Resources[0]!);
    let slow = true;
    const rule: FaultRule = ({ operation }) => {
      if (operation !== 'RevokeSecurityGroupIngress' || !slow) return undefined;
      slow = false;
      // Close to the timeout of the remediation's function, 300 s.
      return { kind: 'late', seconds: 280 };
    };
    const traces = await suture.withFaults([rule], () => suture.process(first, second));
    expect(traces.map(({ outcome }) => outcome).sort()).toEqual(['COMPLIANT', 'FIXED']);
    const [owners, others] = callIntervals(traces.map(({ execution }) => execution!.arn));
    expect(owners![1] - owners![0]).toBeGreaterThan(4 * MINUTE);
    expect(others![0]).toBeGreaterThanOrEqual(owners![1]);
    expect(proxies).toBe(2);
  });
});

describe('random clock skews of up to five minutes', () => {
  it('change no outcome: each resource is changed once, with its undo, and no finding is lost', async () => {
    await withClocks(randomClockSkews(7));
    const resources = [];
    while (resources.length < 5) resources.push(await suture.arrange('EC2.13'));
    const findings = resources.flatMap((one) => [one, suture.finding('EC2.13', one.Resources[0]!), one]);
    const traces = await suture.process(...findings);
    const endings = traces.map(({ outcome, route }) => outcome ?? route);
    expect(
      Object.fromEntries(
        Map.groupBy(endings, (ending) => ending)
          .entries()
          .map(([ending, all]) => [ending, all.length]),
      ),
    ).toEqual({
      FIXED: 5,
      COMPLIANT: 5,
      duplicate: 5,
    });
    const journals = await Promise.all(findings.map((finding) => suture.journal(CLOSE_PORTS, finding)));
    const changes = new Set(journals.flat().map((entry) => JSON.stringify(entry)));
    expect(changes.size).toBe(5);
    for (const change of changes) expect(JSON.parse(change)).toMatchObject(FIXED_ONCE);
    for (const one of resources) expect(await suture.inbound(one)).toEqual([HTTPS]);
  });
});

describe('a call whose clock AWS refuses, up to three times in a row', () => {
  const isOf = (role: string, { principal, instance }: FaultableCall) =>
    instance !== undefined && principal.kind === 'session' && principal.role.endsWith(`/${role}`);

  /** Returns the operations that a function calls for a finding. */
  async function operationsOf(role: string): Promise<string[]> {
    const operations = new Set<string>();
    const observer: FaultRule = (call) => {
      if (isOf(role, call)) operations.add(call.operation);
      return undefined;
    };
    const finding = await suture.arrange('EC2.13');
    await suture.withFaults([observer], () => suture.process(finding));
    return [...operations];
  }

  it.each(['suture-triage', 'suture-proxy', 'suture-report'])('only delays the finding: each of %s', async (role) => {
    await withClocks(() => 0);
    const operations = await operationsOf(role);
    expect(operations.length).toBeGreaterThan(2);
    for (const operation of operations) {
      let left = 3;
      const rule: FaultRule = (call) =>
        isOf(role, call) && call.operation === operation && left-- > 0
          ? { kind: 'error', code: 'RequestTimeTooSkewed', status: 403 }
          : undefined;
      // A new instance has read neither policy nor directory.
      await stopFunctions(suture.kernel, role);
      const finding = await suture.arrange('EC2.13');
      await suture.withFaults([rule], async () => {
        const [{ outcome }] = await suture.process(finding);
        expect([operation, outcome]).toEqual([operation, 'FIXED']);
      });
      expect(left, operation).toBeLessThan(3);
    }
  });
});
