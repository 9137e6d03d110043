/**
 * The law that secrets stay where they are: AWS's answers hold canaries, and no canary may be in what a run ends with,
 * in its errors, or, unless it is personal data, in the journal.
 */
import { NormalizedSchema } from '@smithy/core/schema';
import type { CallRecord } from '../../sandbox/kernel/call-log.ts';
import {
  CANARIES,
  type CanaryKind,
  type CanaryPlaces,
  canariesIn,
  canaryAnswers,
  mayHaveSecrets,
} from '../organization/canaries.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { OTHER_EXECUTION } from './expectations.ts';
import { must, shown } from './law.ts';
import { isMemberCall } from './member-role.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { undisturbedRun } from './undisturbed.ts';

export async function keepsSecrets(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { calls } = await undisturbedRun(proof, arranged);
  if (!calls.some((call) => answersWithSecrets(proof, call))) return;
  for (const places of ['present', 'everywhere'] satisfies CanaryPlaces[]) {
    const run = proof.start(arranged);
    proof.sandbox.kernel.answers.push(canaryAnswers(places, isMemberCall));
    await mustShowNoCanary(run, 'plan', run.invoke('plan'));
    await mustShowNoCanary(run, 'apply', run.applyUntilSettled());
    if (run.journal().length > 0)
      await mustShowNoCanary(run, 'rollback', run.invokeUntilSettled('rollback', OTHER_EXECUTION));
  }
}

function answersWithSecrets({ sandbox }: ProofSandbox, { service, operation }: CallRecord): boolean {
  const { sdk } = sandbox.kernel.services!.find(({ name }) => name === service)!;
  const [, , , , , output] = (sdk as Readonly<Record<string, any>>)[`${operation}$`];
  return mayHaveSecrets(NormalizedSchema.of(output));
}

async function mustShowNoCanary(run: ScenarioRun, mode: string, running: Promise<unknown>): Promise<void> {
  const end = await running.catch((error: unknown) => error);
  mustBeWithout(end, ['credential', 'personal'], `${mode} shows`);
  mustBeWithout(run.journal(), ['credential'], `after ${mode}, the journal has`);
}

function mustBeWithout(value: unknown, kinds: readonly CanaryKind[], what: string): void {
  const found = canariesIn(value).filter((kind) => kinds.includes(kind));
  const text = value instanceof Error ? value.message : shown(value);
  must(
    found.length === 0,
    `${what} ${found.map((kind) => `a ${kind} canary (${CANARIES[kind]})`).join(' and ')}: ${text}`,
  );
}
