/** Checks the form of remediations: their folders, and the facts that people and AWS read. */
import { parseReadme, README_HEADINGS } from '../../cli/catalogue/readme.ts';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { type FactFault, factFaults, sharedControlFaults } from '../../stacks/remediation-facts.ts';
import { lineAt, lineOf, type StructureFault } from './fault.ts';
import type { SourceFile } from './source-files.ts';

const ROOT = 'functions/remediations';
const MAX_LINES = 60;
const MAX_COLUMNS = 120;
/** The characters at the beginning of a module that must contain the links to AWS's pages. */
const HEAD_LENGTH = 600;

export function remediationFileFaults(files: readonly SourceFile[]): StructureFault[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return [...texts.keys()].flatMap((path) => {
    const id = idOfFolder(path);
    if (id === undefined) return [];
    return [
      ...missingFileFaults(id, texts),
      ...indexFaults(id, texts.get(path)!),
      ...scenarioFaults(id, texts),
      ...readmeFaults(id, texts),
      ...exampleFaults(id, texts),
    ];
  });
}

const idOfFolder = (path: string) => /^functions\/remediations\/([^/]+\/[^/]+)\/index\.ts$/.exec(path)?.[1];

const missingFileFaults = (id: string, texts: ReadonlyMap<string, string>): StructureFault[] =>
  ['scenarios.ts', 'readme.md']
    .filter((name) => !texts.has(`${ROOT}/${id}/${name}`))
    .map((name) => ({ path: `${ROOT}/${id}/${name}`, line: 1, message: 'is missing: each remediation has this file' }));

function indexFaults(id: string, text: string): StructureFault[] {
  const path = `${ROOT}/${id}/index.ts`;
  const faults: StructureFault[] = [];
  const lines = text.trimEnd().split('\n');
  const declaredId = /^ {2}id: '([^']*)'/m.exec(text)?.[1];
  if (declaredId !== id)
    faults.push({
      path,
      line: lineOf(text, '  id:'),
      message: `the id is "${declaredId}", not that of its folder, "${id}"`,
    });
  if (lines.length > MAX_LINES)
    faults.push({
      path,
      line: MAX_LINES + 1,
      message: `has ${lines.length} lines. ${MAX_LINES} is the most: move tables and helpers into a file beside its folder`,
    });
  for (const [n, { length }] of lines.entries())
    if (length > MAX_COLUMNS)
      faults.push({
        path,
        line: n + 1,
        message: `has ${length} columns. ${MAX_COLUMNS} is the most. Run: npm run format`,
      });
  return faults;
}

function scenarioFaults(id: string, texts: ReadonlyMap<string, string>): StructureFault[] {
  const path = `${ROOT}/${id}/scenarios.ts`;
  const text = texts.get(path);
  if (text === undefined || /^import \w+(?:, \{[^}]*\})? from '\.\/index\.ts';$/m.test(text)) return [];
  return [{ path, line: 1, message: 'defines no scenarios of its own remediation: import it from ./index.ts' }];
}

function readmeFaults(id: string, texts: ReadonlyMap<string, string>): StructureFault[] {
  const path = `${ROOT}/${id}/readme.md`;
  const text = texts.get(path);
  if (text === undefined) return [];
  const sections = parseReadme(text);
  const empty = Object.entries(README_HEADINGS).filter(
    ([section]) => sections[section as keyof typeof sections] === '',
  );
  return empty.map(([, heading]) => {
    const line = lineOf(text.toLowerCase(), `## ${heading.toLowerCase()}`);
    return { path, line, message: `needs the heading "## ${heading}" with text below it` };
  });
}

/** The beginning of the sentences with which `npm run new:remediation` marks its example. */
const EXAMPLE = /^(?: \* )?An example: /m;

const exampleFaults = (id: string, texts: ReadonlyMap<string, string>): StructureFault[] =>
  ['index.ts', 'readme.md'].flatMap((name) => {
    const path = `${ROOT}/${id}/${name}`;
    const text = texts.get(path) ?? '';
    const example = EXAMPLE.exec(text);
    if (!example) return [];
    const message = `is still the example of npm run new:remediation: write your own, and delete the line "An example: …"`;
    return [{ path, line: lineAt(text, example.index), message }];
  });

export function remediationFactFaults(
  remediations: readonly Remediation[],
  files: readonly SourceFile[],
): StructureFault[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return remediations.flatMap((remediation) => {
    const path = `${ROOT}/${remediation.id}/index.ts`;
    const text = texts.get(path) ?? '';
    const faults = [
      ...factFaults(remediation),
      ...linkFaults(remediation, text),
      ...sharedControlFaults(remediation, remediations),
    ];
    return faults.map(([member, message]) => ({ path, line: lineOfMember(text, member), message }));
  });
}

/** A setting names its controls without `handles`. */
const lineOfMember = (text: string, member: string): number =>
  lineOf(text, member === 'handles:' && !text.includes('  handles:') ? '  controls:' : `  ${member}`);

function linkFaults({ handles }: Remediation, text: string): FactFault[] {
  const services = new Set(handles.controls.map((control) => control.split('.')[0]!.toLowerCase()));
  return [...services]
    .map((service) => `https://docs.aws.amazon.com/securityhub/latest/userguide/${service}-controls.html`)
    .filter((page) => !text.slice(0, HEAD_LENGTH).includes(page))
    .map((page) => ['', `the first comment needs a link to ${page}`]);
}
