/**
 * `npm start`: the whole pipeline on this machine. Stacks are synthesized and deployed into the sandbox, faults are made in
 * member accounts, findings arrive, and what became of each is shown.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { readPolicy } from '../../stacks/policy.ts';
import { approve } from '../organization/approve.ts';
import { MEMBERS, runOrganization } from '../organization/organization.ts';
import { published, type Trace, traceOf } from '../organization/trace.ts';
import { explained, judgeFor } from '../organization/verdict.ts';
import { follow, showTraces } from './show.ts';
import { deliverAgain, type PutFinding, putFindings, SEEDS, type SeededFinding } from './story.ts';

const HELP = `npm start [-- --json]

Runs Suture in its sandbox: an AWS organization in this process, from the templates that get deployed. Findings come in,
and what became of each is shown. Nothing leaves this machine.

  --json   one JSON document { "findings": [...] } on standard output, and nothing else
  --help   this text

Exits with 0 when every finding ended as it should, with 1 when one did not, with 2 for a wrong option.`;

const { json, help } = options();
if (help) {
  console.log(HELP);
  process.exit(0);
}
const say = json ? () => {} : (line: string) => console.log(line);

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const { sandbox, context, synthesized } = await runOrganization(MEMBERS, {}, (step) =>
  say(`${seconds().padStart(7)}  ${step}`),
);
say(
  `${seconds().padStart(7)}  ${synthesized.reused ? 'the stacks were synthesized before and are reused; ' : ''}putting findings onto the bus`,
);

const all: PutFinding[] = [];
const stopFollowing = json ? () => {} : follow(sandbox.kernel, all, (line) => say(`${seconds().padStart(7)}  ${line}`));
all.push(...(await putFindings(sandbox, context, SEEDS)));
await sandbox.settled();
const approved = SEEDS.filter(({ answer }) => answer === 'approve');
for (const summary of await approve(sandbox, context.securityAccount, approved))
  say(`${seconds().padStart(7)}  a person approves: ${summary}`);
await sandbox.settled();
all.push(...deliverAgain(sandbox, context, all));
await sandbox.settled();
stopFollowing();

const policy = readPolicy(fileURLToPath(new URL('../../policy.yaml', import.meta.url)), remediations);
const members = MEMBERS.map(({ id }) => id);
const judge = judgeFor(context, policy, members, new Date(sandbox.kernel.clock.now()));
const traces = all.map(({ event, finding }) =>
  explained(traceOf(sandbox.kernel, event.id, finding), judge(event, finding)),
);
if (json) console.log(JSON.stringify({ findings: traces.map(published) }, null, 2));
else showTraces(traces, all, say);
const wrong = traces.filter((trace, n) => !endedAsSeeded(trace, all[n]!.seed));
for (const trace of wrong)
  console.error(
    `${trace.findingId} did not end as seeded: route ${trace.route}, outcome ${trace.outcome}: ${trace.reason}`,
  );
await sandbox.close();
process.exit(wrong.length > 0 ? 1 : 0);

function endedAsSeeded({ route, outcome }: Trace, { then }: SeededFinding): boolean {
  return route === then.route && outcome === then.outcome;
}

function options(): { json: boolean; help: boolean } {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
    return { json: values.json ?? false, help: values.help ?? false };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}
