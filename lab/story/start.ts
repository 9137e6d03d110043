/**
 * Runs the whole pipeline on this machine: deploys the synthesized stacks into the sandbox, makes resources of member
 * accounts faulty, sends findings about them and shows how each ends.
 */
import { fileURLToPath } from 'node:url';
import { exitOnOutputError } from '../../cli/output/output-errors.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { readPolicy } from '../../stacks/policy.ts';
import { approveChanges } from '../organization/approve-changes.ts';
import { limitFunctionInstances } from '../organization/function-instances.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../organization/organization.ts';
import { type Trace, traceOf } from '../organization/trace.ts';
import { traceStory } from '../organization/trace-text.ts';
import { triageFor, withTriageReason } from '../organization/triage.ts';
import { LiveTable, startWidth } from './live-table.ts';
import type { StartSettings } from './options.ts';
import {
  endOf,
  isOk,
  MEMBER_NAMES,
  type StoryEnd,
  storyDocument,
  storyNextSteps,
  storyRows,
  verdict,
  workedExample,
} from './show.ts';
import { redeliver, STORY_FINDINGS, type StoryEvent, sendFindings } from './story.ts';
import type { SynthesisAhead } from './synthesis-ahead.ts';

/** Returns the exit code. Progress goes to standard error. */
export async function runStory(options: StartSettings, { synthesized, progress }: SynthesisAhead): Promise<number> {
  exitOnOutputError();
  const organization = await runOrganization(SAMPLE_MEMBERS, { synthesized }, progress);
  // The story is over before a second instance of a function has warmed up.
  limitFunctionInstances(organization.sandbox.kernel, 1);
  const table = new LiveTable();
  const events: StoryEvent[] = [];
  if (!options.json) table.follow(organization.sandbox.kernel, events);
  await playStory(organization, events);
  const traces = tracesOf(organization, events);
  const ends = events.map((event, n) => endOf(event, traces[n]!));
  if (options.json) console.log(JSON.stringify(storyDocument(ends), null, 2));
  else showStory(ends, table, options.verbose);
  await organization.sandbox.close();
  return isOk(ends) ? 0 : 1;
}

function showStory(ends: readonly StoryEnd[], table: LiveTable, verbose: boolean): void {
  table.stop(storyRows(ends));
  const stories = verbose
    ? ends.map(({ trace }) => traceStory(trace, startWidth(), MEMBER_NAMES))
    : [workedExample(ends)];
  const parts = ['', verdict(ends), ...stories, storyNextSteps()].filter((part) => part !== undefined);
  console.log(parts.join('\n\n').slice(1));
}

/** Sends the findings, approves what a person approves, and delivers some events a second time. Adds to `events`. */
async function playStory({ sandbox, context }: RunningOrganization, events: StoryEvent[]): Promise<void> {
  events.push(...(await sendFindings(sandbox, context, STORY_FINDINGS)));
  await sandbox.settled();
  await approveAll(sandbox, context);
  events.push(...redeliver(sandbox, context, events));
  await sandbox.settled();
}

async function approveAll(sandbox: Sandbox, context: SutureContext): Promise<void> {
  const approved = STORY_FINDINGS.filter(({ answer }) => answer === 'approve');
  await approveChanges(sandbox, context.securityAccount, approved);
  await sandbox.settled();
}

function tracesOf({ sandbox, context }: RunningOrganization, events: readonly StoryEvent[]): Trace[] {
  const policy = readPolicy(fileURLToPath(new URL('../../policy.yaml', import.meta.url)), REMEDIATIONS);
  const members = SAMPLE_MEMBERS.map(({ id }) => id);
  const triage = triageFor(context, policy, members, new Date(sandbox.kernel.clock.now()));
  return events.map(({ event, finding }) =>
    withTriageReason(traceOf(sandbox.kernel, event.id, finding), triage(event, finding)),
  );
}
