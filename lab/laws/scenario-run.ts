/** Runs of the engine on an arranged scenario, as the workflow would start them. */
import { parseTarget } from '../../functions/contract/remediation.ts';
import { REQUEST_VERSION, type RemediationRequest } from '../../functions/domain/job.ts';
import type { JournalEntry, UndoneChange } from '../../functions/domain/journal.ts';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import type { PlanApproval } from '../../functions/domain/plan.ts';
import { type EngineResult, runRemediation } from '../../functions/remediate/engine.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { clientsOn } from '../organization/clients.ts';
import { ownTarget } from '../organization/own-target.ts';
import type { ArrangedScenario } from './arranged-scenario.ts';
import { memberSession } from './member-role.ts';
import { entryCopies, journalEntries, MemoryCopies, MemoryJournal } from './memory-journal.ts';
import type { Neighbour } from './neighbours.ts';
import { smallPages } from './small-pages.ts';
import { Steps } from './steps.ts';

export type RunOptions = {
  /** Index of the step that the run dies at instead of taking it; 0 is the first. */
  readonly dieAt?: number;
  /** Called before each step. */
  readonly onStep?: () => void;
  /** Called before each attempt. */
  readonly onAttempt?: () => void;
  readonly execution?: string;
  readonly pages?: 'small';
  readonly approval?: PlanApproval;
};

const DAY_MS = 86_400_000;

/** Errors after which the workflow tries again, later each time. */
const WAITS = ['ChangePending', 'ResourceBusy'];
/** The workflow's first pauses are shorter, but more attempts would see nothing more. */
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 300_000;
const LONGEST_WAIT_MS = 3_600_000;

/** The end of a run: the world, its time in milliseconds since 1970, and the journal. */
export type RunEnd = { readonly world: Snapshot; readonly at: number; readonly journal: readonly JournalEntry[] };

export class ScenarioRun {
  readonly #sandbox: Sandbox;
  readonly #arranged: ArrangedScenario;
  readonly #entries: Map<string, JournalEntry>;
  readonly #copies: Map<string, JournalEntry>;
  readonly #started: Date;
  #steps = new Steps();

  /** `journal` has the entries of an earlier run, if this one goes on after it. */
  constructor(sandbox: Sandbox, arranged: ArrangedScenario, journal: readonly JournalEntry[] = []) {
    this.#sandbox = sandbox;
    this.#arranged = arranged;
    this.#started = new Date(arranged.at);
    this.#entries = journalEntries(journal);
    this.#copies = entryCopies(journal);
  }

  /**
   * Runs the engine on the sandbox's clock. Waits until every call has its answer, and returns the result, or undefined
   * if the run died.
   */
  async invoke(mode: RemediationRequest['mode'], options: RunOptions = {}): Promise<EngineResult | undefined> {
    const steps = new Steps(options);
    this.#steps = steps;
    const { remediation } = this.#arranged.scenarios;
    const { clock } = this.#sandbox.kernel;
    const running = runRemediation(remediation, this.#request(mode, options), {
      now: () => clock.now(),
      sleep: (ms: number) => clock.sleep(ms),
      journal: new MemoryJournal(this.#entries, steps),
      copies: new MemoryCopies(this.#copies, steps),
      alert: (message) => {
        throw new Error(message);
      },
      // The requests have no rule about managers, so the engine does not look for one.
      findStack: async () => undefined,
      findWrite: async () => undefined,
      session: (policy: PolicyDocument) => steps.take(() => this.#session(policy, mode, steps, options)),
    });
    running.catch(() => {});
    try {
      return await Promise.race([running, steps.death]);
    } finally {
      await steps.idle();
    }
  }

  /** Applies, and retries as the workflow would. */
  applyUntilSettled(options?: RunOptions): Promise<EngineResult | undefined> {
    return this.invokeUntilSettled('apply', options);
  }

  /** Retries as the workflow would while the resource is busy or the change is pending. */
  async invokeUntilSettled(mode: RemediationRequest['mode'], options?: RunOptions): Promise<EngineResult | undefined> {
    const end = this.#sandbox.kernel.clock.now() + LONGEST_WAIT_MS;
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 1.5, LAST_RETRY_MS))
      try {
        options?.onAttempt?.();
        return await this.invoke(mode, options);
      } catch (error) {
        const isRetried = WAITS.includes((error as Error).name) && this.#sandbox.kernel.clock.now() < end;
        if (!isRetried) throw error;
        await this.#sandbox.kernel.clock.sleep(pause);
      }
  }

  /** The number of steps that the last run took. */
  get steps(): number {
    return this.#steps.taken;
  }

  journal(): readonly JournalEntry[] {
    return [...this.#entries.values()];
  }

  /** Reads the state of the finding's resource, or of a neighbour, as an administrator. */
  async state(neighbour?: Neighbour): Promise<unknown> {
    const { scenarios, scenario, place, resource, control } = this.#arranged;
    const { remediation } = scenarios;
    const of = neighbour ?? { place, resource, control };
    const { account, region } = of.place;
    const clients = clientsOn(this.#sandbox.administrator(account, region), remediation.clients, {
      requestHandler: this.#sandbox.inProcess,
    });
    const target = await ownTarget(remediation, of.place, of.resource, clients);
    if (!target) return undefined;
    return remediation.read({
      ...clients,
      ...of.place,
      control: of.control,
      now: this.#started,
      params: remediation.params.parse(scenario.params ?? {}),
      target,
    });
  }

  /** Returns the whole state of the sandbox. */
  world(): Snapshot {
    return this.#sandbox.snapshot();
  }

  /** Returns the end of the run if it is killed now. */
  end(): RunEnd {
    return { world: this.world(), at: this.#sandbox.kernel.clock.now(), journal: this.journal() };
  }

  #request(
    mode: RemediationRequest['mode'],
    { execution = 'arn:execution:1', approval }: RunOptions,
  ): RemediationRequest {
    const { scenarios, scenario, place, resource, control } = this.#arranged;
    const { remediation } = scenarios;
    return {
      v: REQUEST_VERSION,
      mode,
      execution,
      started: this.#started.toISOString(),
      finding: { ...place, id: 'arn:finding', productArn: 'arn:product', control },
      target: parseTarget(remediation, resource).data!,
      params: remediation.params.parse(scenario.params ?? {}),
      policy: { mode: 'auto', tags: {} },
      approval,
      approvedUntil: approval && new Date(Date.parse(approval.at) + DAY_MS).toISOString(),
      ...(mode === 'rollback' && { undo: undoOfNewest(this.journal()) }),
    };
  }

  /** Opens a member session whose calls are steps of the run. */
  async #session(policy: PolicyDocument, mode: RemediationRequest['mode'], steps: Steps, { pages }: RunOptions) {
    const { place, scenarios } = this.#arranged;
    const purpose = mode === 'rollback' ? 'rollback' : 'fix';
    const clients = await memberSession(this.#sandbox, place, scenarios.remediation, policy, purpose);
    for (const { middlewareStack } of Object.values(clients)) {
      const countStep = (next: any) => (args: any) => steps.take(() => next(args));
      middlewareStack.add(countStep, { step: 'initialize' });
      if (pages === 'small') middlewareStack.add(smallPages, { step: 'initialize' });
    }
    return clients;
  }
}

/** Names the change as the ledger's line of its execution would. */
function undoOfNewest(journal: readonly JournalEntry[]): UndoneChange {
  const { execution = 'arn:execution:1', version = 1, approval } = journal.at(-1) ?? {};
  return { execution, version, approval };
}
