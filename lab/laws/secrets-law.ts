/**
 * The law that secrets stay where they are: AWS's answers hold canaries, and no canary may be in what a run ends with,
 * in its errors, or, unless it is personal data, in the journal. The same holds for what the run writes into members
 * that the SDK calls sensitive, such as the contact that policy names.
 */
import { NormalizedSchema } from '@smithy/core/schema';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { CallRecord } from '../../sandbox/kernel/call-log.ts';
import type { AnswerRule } from '../../sandbox/kernel/fault.ts';
import {
  CANARIES,
  type CanaryKind,
  type CanaryPlaces,
  canariesIn,
  canaryAnswers,
  mayHaveSecrets,
  secretKind,
  secretTexts,
  textsIn,
} from '../organization/canaries.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { OTHER_EXECUTION } from './expectations.ts';
import { jsonText, must } from './law.ts';
import { isMemberCall } from './member-role.ts';
import type { ProofSandbox } from './proof-sandbox.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { undisturbedRun } from './undisturbed.ts';

export async function keepsSecrets(proof: ProofSandbox, arranged: ArrangedScenario): Promise<void> {
  const { calls } = await undisturbedRun(proof, arranged);
  if (!calls.some((call) => answersWithSecrets(proof, call))) return;
  for (const places of ['present', 'everywhere'] satisfies CanaryPlaces[]) {
    const run = proof.start(arranged);
    const written = new Map<string, CanaryKind>();
    proof.sandbox.kernel.answers.push(canaryAnswers(places, isMemberCall), collectSecrets(proof, written));
    const ends = [
      await endWithoutCanary(run, 'plan', run.invoke('plan')),
      await endWithoutCanary(run, 'apply', run.applyUntilSettled()),
    ];
    if (run.journal().length > 0)
      ends.push(await endWithoutCanary(run, 'rollback', run.invokeUntilSettled('rollback', OTHER_EXECUTION)));
    mustHideWritten(ends, run, written);
  }
}

/** Shorter texts, such as an empty one, may be in anything. */
const SHORTEST_SECRET = 5;

/** Returns a rule that collects what the run writes into secret members. */
const collectSecrets =
  ({ sandbox }: ProofSandbox, written: Map<string, CanaryKind>): AnswerRule =>
  (call, output) => {
    const input = schemasOf(sandbox, call)[INPUT];
    if (isMemberCall(call) && !call.isRead)
      for (const text of secretTexts(NormalizedSchema.of(input), call.input))
        if (text.length >= SHORTEST_SECRET) written.set(text, secretKind(call.service));
    return output;
  };

/** The plan comes before the write, so ends are searched when it is known what was written. */
function mustHideWritten(ends: readonly unknown[], run: ScenarioRun, written: ReadonlyMap<string, CanaryKind>): void {
  const shownTexts = ends.flatMap((end) => [...textsIn(end)]);
  const storedTexts = [...textsIn(run.journal())];
  for (const [secret, kind] of written) {
    const showing = shownTexts.find((text) => text.includes(secret));
    must(showing === undefined, `a result shows what the run writes into a ${kind} member of AWS's: ${showing}`);
    const storing = kind === 'credential' ? storedTexts.find((text) => text.includes(secret)) : undefined;
    must(storing === undefined, 'the journal has a credential that the run writes');
  }
}

/** Indexes of the schemas in an operation of the SDK. */
const INPUT = 4;
const OUTPUT = 5;

function schemasOf({ kernel }: Sandbox, { service, operation }: Pick<CallRecord, 'service' | 'operation'>): any[] {
  const { sdk } = kernel.services!.find(({ name }) => name === service)!;
  return (sdk as Readonly<Record<string, any>>)[`${operation}$`];
}

const answersWithSecrets = ({ sandbox }: ProofSandbox, call: CallRecord): boolean =>
  mayHaveSecrets(NormalizedSchema.of(schemasOf(sandbox, call)[OUTPUT]));

async function endWithoutCanary(run: ScenarioRun, mode: string, running: Promise<unknown>): Promise<unknown> {
  const end = await running.catch((error: unknown) => error);
  mustBeWithout(end, ['credential', 'personal'], `${mode} shows`);
  mustBeWithout(run.journal(), ['credential'], `after ${mode}, the journal has`);
  return end;
}

function mustBeWithout(value: unknown, kinds: readonly CanaryKind[], what: string): void {
  const found = canariesIn(value).filter((kind) => kinds.includes(kind));
  const text = value instanceof Error ? value.message : jsonText(value);
  must(
    found.length === 0,
    `${what} ${found.map((kind) => `a ${kind} canary (${CANARIES[kind]})`).join(' and ')}: ${text}`,
  );
}
