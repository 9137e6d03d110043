/** Advice for the author of a remediation, in place of that for operators, and beside results that no scenario expects. */
import { RETRIED, retryAdvice } from '../../functions/contract/errors.ts';
import type { Scenario } from '../../functions/contract/scenario.ts';
import type { EngineResult } from '../../functions/remediate/engine.ts';

/** The beginning of the engine's advice for operators, by the error that has it, and what an author does instead. */
const ADVICE: Readonly<Record<string, readonly [ofOperators: string, ofAuthors: string]>> = {
  ChangeNotVerified: [
    'Something undoes it ',
    "The calls were accepted, but what `read` returns did not change. Does `change` of the resource type (`write` of a module) send the attribute under the request's name? Does the change wait for the maintenance window (`ApplyImmediately`, `pending`)? Does it take longer than `settleSeconds`?",
  ],
  RollbackFailed: [
    'Look at it by hand, ',
    'Does `change` of the resource type (`write` of a module) also send the value from before, such as that of a resource that had none? Does the change wait for the maintenance window (`ApplyImmediately`, `pending`)?',
  ],
  ...Object.fromEntries(
    RETRIED.map((name) => [name, [retryAdvice(name), 'The proof tried it again for an hour.'] as const]),
  ),
};

/** Returns the message of an error of the engine with advice for the author. */
export function authorMessage({ name, message }: Error): string {
  const [ofOperators, ofAuthors] = ADVICE[name] ?? [];
  if (ofOperators === undefined) return message;
  const start = message.indexOf(ofOperators);
  return start < 0 ? message : message.slice(0, start) + ofAuthors;
}

const KINDS = { FIXED: ['planned', 'fixed'], COMPLIANT: ['compliant'], REFUSED: ['refused'] } as const;

/** Returns lines, each with a line break before it, about a result that the scenario does not expect. */
export function unexpectedResultAdvice(
  { expected, saidBy }: AdvisedScenario,
  result: EngineResult | undefined,
): string {
  const kind = result?.kind ?? '';
  const isFaulty = (KINDS.FIXED as readonly string[]).includes(kind);
  const lines = [
    expected === 'COMPLIANT' && isFaulty
      ? "The resource is not right when the scenario begins. Perhaps the fixture's `create` (or `arrange`) does not make the right value, or `find` (`read`) does not return it."
      : undefined,
    expected !== 'COMPLIANT' && kind === 'compliant'
      ? "The resource is right when the scenario begins. Perhaps the fixture's `create` (or `arrange`) does not make the wrong value, or `find` (`read`) does not return it."
      : undefined,
    saidBy && `The scenario comes from ${saidBy}.`,
  ];
  return lines.flatMap((line) => (line ? [`\n${line}`] : [])).join('');
}

type AdvisedScenario = Pick<Scenario<never, never, never>, 'expected' | 'saidBy'>;
