/** Runs of the engine on an arranged scenario, as the workflow would start them. */
import type { TargetFields } from '../../functions/contract/remediation.ts';
import type { RemediationRequest } from '../../functions/domain/job.ts';
import type { JournalEntry } from '../../functions/domain/journal.ts';
import type { PolicyDocument } from '../../functions/domain/permissions.ts';
import { type EngineResult, runRemediation } from '../../functions/remediate/engine.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { clientsOn } from '../organization/clients.ts';
import type { ArrangedScenario, Neighbour } from './arranged-scenario.ts';
import { memberSession } from './member-role.ts';
import { MemoryJournal } from './memory-journal.ts';
import { FINDING_PLACE } from './places.ts';
import { smallPages } from './small-pages.ts';
import { Steps } from './steps.ts';

export type RunOptions = {
  /** Index of the step that the run dies at instead of taking it; 0 is the first. */
  readonly dieAt?: number;
  readonly execution?: string;
  readonly pages?: 'small';
};

/** The workflow retries this often while a change is pending. */
const MAX_ATTEMPTS = 20;
const RETRY_AFTER_MS = 5_000;

export class ScenarioRun {
  readonly #sandbox: Sandbox;
  readonly #arranged: ArrangedScenario;
  readonly #entries = new Map<string, JournalEntry>();
  readonly #started: Date;
  #now: number;
  #steps = new Steps();

  constructor(sandbox: Sandbox, arranged: ArrangedScenario) {
    this.#sandbox = sandbox;
    this.#arranged = arranged;
    this.#now = sandbox.kernel.clock.now();
    this.#started = new Date(this.#now);
  }

  /** Runs the engine. Resolves with its result, or with undefined when the run died. */
  async invoke(mode: RemediationRequest['mode'], options: RunOptions = {}): Promise<EngineResult | undefined> {
    const steps = new Steps(options.dieAt);
    this.#steps = steps;
    const { remediation } = this.#arranged.scenarios;
    const running = runRemediation(remediation, this.#request(mode, options.execution ?? 'arn:execution:1'), {
      now: () => this.#now,
      sleep: async (milliseconds: number) => {
        this.#now += milliseconds;
      },
      journal: new MemoryJournal(this.#entries, steps),
      session: (policy: PolicyDocument) => steps.take(() => this.#session(policy, steps, options)),
    });
    running.catch(() => {});
    return Promise.race([running, steps.death]);
  }

  /** Applies, and retries as the workflow would while the change is pending. */
  async applyUntilSettled(options?: RunOptions): Promise<EngineResult | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.invoke('apply', options);
      } catch (error) {
        if ((error as Error).name !== 'ChangePending' || attempt === MAX_ATTEMPTS) throw error;
        this.#now += RETRY_AFTER_MS;
      }
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
    const { scenarios, scenario, resource, control } = this.#arranged;
    const { remediation } = scenarios;
    const of = neighbour ?? { place: FINDING_PLACE, resource, control };
    const { account, region } = of.place;
    return remediation.read({
      ...clientsOn(this.#sandbox.administrator(account, region), remediation.clients),
      ...of.place,
      control: of.control,
      now: this.#started,
      params: remediation.params.parse(scenario.params ?? {}),
      target: remediation.target.parse(of.resource),
    });
  }

  /** The whole state of the sandbox. */
  world(): Snapshot {
    return this.#sandbox.snapshot();
  }

  #request(mode: RemediationRequest['mode'], execution: string): RemediationRequest {
    const { scenarios, scenario, resource, control } = this.#arranged;
    const { remediation } = scenarios;
    return {
      v: 2,
      mode,
      execution,
      started: this.#started.toISOString(),
      finding: { ...FINDING_PLACE, id: 'arn:finding', productArn: 'arn:product', control },
      target: remediation.target.parse(resource) as TargetFields,
      params: remediation.params.parse(scenario.params ?? {}),
      policy: { mode: 'auto', tags: {} },
      approved: false,
    };
  }

  /** Opens a member session whose calls are steps of the run. */
  async #session(policy: PolicyDocument, steps: Steps, { pages }: RunOptions) {
    const clients = await memberSession(this.#sandbox, this.#arranged.scenarios.remediation, policy);
    for (const { middlewareStack } of Object.values(clients)) {
      const countStep = (next: any) => (args: any) => steps.take(() => next(args));
      middlewareStack.add(countStep, { step: 'initialize' });
      if (pages === 'small') middlewareStack.add(smallPages, { step: 'initialize' });
    }
    return clients;
  }
}
