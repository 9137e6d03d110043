import { expect, it } from 'vitest';
import { displayWidth } from '../../../cli/output/display-width.ts';
import { factLines } from '../../../cli/output/fact-lines.ts';
import { paragraphs, wrapHanging, wrapOutput, wrapWords } from '../../../cli/output/paragraphs.ts';

const PROSE = `Checks first whether the resource is as the fix left it, restores what was before, and checks whether that holds. The
finding is left alone from then on.`;
const TEXT = `${PROSE}\n\nExamples:\n  suture rollback 0f6e1a2b --reason "${'a long reason '.repeat(10)}"\n\nExit codes: 0, 1.`;

it.each([40, 80, 100])('fills %i columns, and joins lines that were broken elsewhere', (width) => {
  const lines = paragraphs(PROSE, width).split('\n');
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  expect(lines.join(' ')).toBe(PROSE.replace('\n', ' '));
  expect(lines.slice(0, -1).every((line, n) => displayWidth(`${line} ${lines[n + 1]!.split(' ')[0]}`) > width)).toBe(
    true,
  );
});
it('keeps empty lines and examples', () => {
  expect(paragraphs(TEXT, 80)).toContain(
    `\n\nExamples:\n  suture rollback 0f6e1a2b --reason "${'a long reason '.repeat(10)}"\n\n`,
  );
});
it('is no wider than people read', () => {
  for (const line of paragraphs(PROSE, 200).split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(120);
});

it('breaks an error between words, and keeps each of its lines', () => {
  const error = `${PROSE}\nsecond line`;
  const lines = wrapWords(error, 40).split('\n');
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(40);
  expect(lines.join(' ')).toBe(error.replaceAll('\n', ' '));
  expect(lines.at(-1)).toBe('second line');
});
it('leaves a command at the end of an error whole, because a person copies it', () => {
  const command = 'suture replay 0f6e1a2b --reason "the role is there again, and we want it" --again';
  const lines = wrapWords(`The finding failed before, and nobody has replayed it since: ${command}`, 40).split('\n');
  expect(lines.at(-1)).toBe(command);
  expect(lines.length).toBeGreaterThan(2);
});
it("breaks a sentence that goes on after a page's name", () => {
  const prose = 'Is it throttled (suture docs runbook#function-throttled)? Others may use up the quota, look for them';
  for (const line of wrapWords(`Look, ${prose}`, 60).split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(60);
  const link = 'suture docs runbook#function-throttled)? Others may use up the quota of the account';
  for (const line of wrapWords(`As for errors, ${link}`, 60).split('\n'))
    expect(displayWidth(line)).toBeLessThanOrEqual(60);
});
it('leaves lines with an indent, such as the place of a mistake in a file, as they are', () => {
  const place = `  12 | controls: { EC2.13: ${'x'.repeat(40)} }\n     |             ^`;
  expect(wrapWords(place, 30)).toBe(place);
});

it('puts what does not fit in a line below it, at the indent', () => {
  expect(wrapHanging('  change  one two three four five', 10, 20)).toBe(
    '  change  one two\n          three four\n          five',
  );
});

const LONG = 'a sentence that is longer than thirty columns';
it('fits the lines of a result to a terminal, each below its own indent', () => {
  expect(wrapOutput(`short\n${LONG}\n    ${LONG}`, 30)).toBe(
    'short\na sentence that is longer than\n  thirty columns\n    a sentence that is longer\n      than thirty columns',
  );
});
it.each([
  '  npm run -s suture -- replay 0f6e1a2b --reason "the role is there"',
  '  suture replay 0f6e1a2b --reason "the role is there"',
  `Replay what failed: suture replay --failed --error Stopped --reason "it is there again"`,
])('leaves the command of a result whole: %s', (line) => {
  const command = line.slice(line.indexOf(line.includes('npm') ? 'npm' : 'suture'));
  expect(
    wrapOutput(line, 30)
      .split('\n')
      .map((each) => each.trim()),
  ).toContain(command);
});
it('leaves the line whole in which a caret shows a place', () => {
  const place = `  12 | controls: { EC2.13: ${'x '.repeat(20)}}\n     |             ^`;
  expect(wrapOutput(place, 30)).toBe(place);
});

it('breaks no command out of the middle of a sentence, nor the sentence off the terminal', () => {
  const text = `To do: print the template in a clone of the repository, npm run -s suture -- member-template, and deploy it in 666666666666 (docs/deploy.md)`;
  const lines = wrapOutput(text, 80).split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.some((line) => line.includes('npm run -s suture -- member-template, and'))).toBe(true);
});

it.each(['+       resource: arn:aws:ec2:eu-west-1', '-   - id: ec2-2-sg', '\u001b[32m+ controls: of\u001b[39m'])(
  'leaves a changed line of YAML whole: %j',
  (line) => {
    const changed = `${line} ${'word '.repeat(10)}`.trim();
    expect(wrapOutput(changed, 30)).toBe(changed);
  },
);
it('leaves a row of a Markdown table whole', () => {
  const row = `| ${'failed | '.repeat(12)}`.trim();
  expect(wrapOutput(row, 80)).toBe(row);
});

it('breaks a command of a page between words, so that a shell reads it as one', () => {
  const command =
    'suture replay --failed --error MemberRoleUnavailable --account 666666666666 --reason "the role is there now"';
  const lines = factLines('why', `Roll out the role, then replay it: ${command}`, 10, 60);
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(60);
  const printed = lines.slice(lines.findIndex((line) => line.includes('suture replay --failed'))).join('\n');
  expect(printed).toMatch(/ \\\n/);
  expect(printed.replaceAll(/ \\\n\s*/g, ' ').trim()).toBe(command);
  expect(factLines('why', command, 10, Number.POSITIVE_INFINITY)).toEqual([`  why         ${command}`]);
});
