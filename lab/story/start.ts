/**
 * `npm start`: runs the whole pipeline on this machine. It deploys the synthesized stacks into the sandbox, makes
 * resources of member accounts faulty, sends findings about them and shows what becomes of each.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { readPolicy } from '../../stacks/policy.ts';
import { approveChanges } from '../organization/approve-changes.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../organization/organization.ts';
import { publicTrace, type Trace, traceOf } from '../organization/trace.ts';
import { triageFor, withTriageReason } from '../organization/triage.ts';
import { followExecutions, showTraces } from './show.ts';
import { redeliver, STORY_FINDINGS, type StoryEvent, type StoryFinding, sendFindings } from './story.ts';

const HELP = `npm start [-- --json]

Runs Suture in its sandbox: an AWS organization in this process, deployed from the synthesized templates. Findings arrive,
and the program shows what becomes of each. Nothing leaves this machine.

  --json   print one JSON document { "findings": [...] } on standard output, and nothing else
  --help   print this text

Exit codes: 0 every finding ended as expected, 1 one did not, 2 wrong usage.`;

/**
 * Returns the exit code.
 * @param argv as `process.argv` holds it
 */
export async function runStory(argv: readonly string[] = process.argv): Promise<number> {
  const options = optionsIn(argv.slice(2));
  if (options === undefined) return 2;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const say = options.json ? () => {} : console.log;
  const progress = timedProgress(say);
  const organization = await startSandbox(progress);
  const events = await playStory(organization, progress, { follow: !options.json });
  const traces = tracesOf(organization, events);
  if (options.json) console.log(JSON.stringify({ findings: traces.map(publicTrace) }, null, 2));
  else showTraces(traces, events, say);
  const unexpected = traces.filter((trace, n) => !endedAsExpected(trace, events[n]!.story));
  for (const { findingId, route, outcome, reason } of unexpected)
    console.error(`${findingId} did not end as expected: route ${route}, outcome ${outcome}: ${reason}`);
  await organization.sandbox.close();
  return unexpected.length > 0 ? 1 : 0;
}

type StartOptions = { readonly json: boolean; readonly help: boolean };

/** Returns undefined for wrong usage, which it reports on standard error. */
function optionsIn(args: readonly string[]): StartOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { json: values.json ?? false, help: values.help ?? false };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
}

type Progress = (line: string) => void;

/** Prefixes each line with the seconds since the start. */
function timedProgress(say: (line: string) => void): Progress {
  const started = performance.now();
  return (line) => say(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${line}`);
}

async function startSandbox(progress: Progress): Promise<RunningOrganization> {
  const organization = await runOrganization(SAMPLE_MEMBERS, {}, progress);
  const reused = organization.synthesized.reused ? 'reusing the stacks of an earlier synthesis; ' : '';
  progress(`${reused}sending findings`);
  return organization;
}

/** Sends the findings, approves what a person approves, and delivers some events a second time. Returns all events. */
async function playStory(
  { sandbox, context }: RunningOrganization,
  progress: Progress,
  { follow }: { readonly follow: boolean },
): Promise<StoryEvent[]> {
  const events: StoryEvent[] = [];
  const stopFollowing = follow ? followExecutions(sandbox.kernel, events, progress) : () => {};
  events.push(...(await sendFindings(sandbox, context, STORY_FINDINGS)));
  await sandbox.settled();
  await approveAll(sandbox, context, progress);
  events.push(...redeliver(sandbox, context, events));
  await sandbox.settled();
  stopFollowing();
  return events;
}

async function approveAll(sandbox: Sandbox, context: SutureContext, progress: Progress): Promise<void> {
  const approved = STORY_FINDINGS.filter(({ answer }) => answer === 'approve');
  for (const summary of await approveChanges(sandbox, context.securityAccount, approved))
    progress(`a person approves: ${summary}`);
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

const endedAsExpected = ({ route, outcome }: Trace, { expected }: StoryFinding): boolean =>
  route === expected.route && outcome === expected.outcome;
