/** JSON Schemas of the events on Suture's bus, by their paths in the repository, with a page that lists them. */
import * as z from 'zod';
import { EVENTS, type EventName, SOURCE } from '../functions/domain/events.ts';

export function eventSchemas(): (readonly [string, string])[] {
  const names = Object.keys(EVENTS) as EventName[];
  return [
    ['docs/events/README.md', page(names)],
    ...names.map((name) => [`docs/events/${name}.json`, schemaOf(name)] as const),
  ];
}

/** Members that a later version may add are let through. */
function schemaOf(name: EventName): string {
  const { $schema, ...schema } = z.toJSONSchema(EVENTS[name], { target: 'draft-2020-12', io: 'input' });
  const $id = `${name}.json`;
  return `${JSON.stringify({ $schema, $id, title: name, ...schema }, null, 2)}\n`;
}

const page = (
  names: readonly EventName[],
): string => `<!-- Made by npm run generate from functions/domain/events.ts. -->
# Events

Suture tells what became of findings on the EventBridge bus \`suture\` of the security account, in its home Region. Match them with a rule on that bus:

\`\`\`json
{ "source": ["${SOURCE}"], "detail-type": ["suture.finding.fixed.v1"] }
\`\`\`

Each detail-type has a JSON Schema of its \`detail\`. Its end is its version: within a version members are added, never taken away or changed. Events are delivered at least once; \`detail.id\` is the same when one comes again. \`resources[0]\` is the finding's id.

| detail-type | when |
|---|---|
${names.map((name) => `| [\`${name}\`](${name}.json) | ${EVENTS[name].description} |`).join('\n')}

Findings that are ignored, rejected or duplicates bring no event; the ledger has them.
`;
