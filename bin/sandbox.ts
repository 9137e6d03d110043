import { isFreePort, LIST, SERVE_HELP, serveOptions } from '../lab/story/serve-options.ts';
import { joinPackages } from '../stacks/packages/join.ts';

const options = serveOptions(process.argv.slice(2));
if (!options) process.exit(2);
if (options.help) {
  console.log(SERVE_HELP);
  process.exit(0);
}
if (options.incidents.length > 0) {
  const { incidentList, incidentsProblem } = await import('../lab/incidents/table.ts');
  if (options.incidents.includes(LIST)) {
    console.log(incidentList());
    process.exit(0);
  }
  const problem = incidentsProblem(options.incidents);
  if (problem) console.error(problem);
  if (problem) process.exit(2);
}
if (!(await isFreePort(options.port, process.argv.slice(2)))) process.exit(1);
await joinPackages();
const { serveSandbox } = await import('../lab/story/serve.ts');

await serveSandbox(options);
process.exit(0);
