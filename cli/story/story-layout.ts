/** The layout of a story: sections with a title before their first line, which fit the terminal. */
import type { AccountNames } from '../names/account-name.ts';
import { cutText } from '../output/display-width.ts';
import { pageWidth } from '../output/fact-lines.ts';
import { wrapWords } from '../output/paragraphs.ts';

export type StoryOptions = {
  readonly now: number;
  readonly accounts: AccountNames;
  /** Shows links and ids of requests whole. */
  readonly links?: boolean;
  /** Shows each check of triage. */
  readonly checks?: boolean;
  /** Shows each execution whole, not the latest alone. */
  readonly all?: boolean;
  readonly width?: number;
};

/** The width of the titles. */
export const STORY_MARGIN = 16;

export type StoryFact = readonly [name: string, value: string | undefined];

/** Returns an id, or its beginning if the terminal is too narrow: nobody could copy one with a line break. */
export const storyId = (id: string, options: StoryOptions): string =>
  options.links ? id : cutText(id, storyWidth(options) - STORY_MARGIN, 'end');

export const storyFacts = (options: StoryOptions, all: readonly StoryFact[]): string[] =>
  all.flatMap(([name, value]) => (value ? textSection(name, value.split('\n'), options) : []));

export const storyWidth = ({ width }: StoryOptions): number => width ?? pageWidth();

export const storyText = (text: string, options: StoryOptions): string => wrapWords(text, storyWidth(options));

/** Returns a section whose lines are wrapped. A line without a space, such as an ARN, is cut instead. */
export const textSection = (title: string, lines: readonly string[], options: StoryOptions): string[] =>
  unwrappedSection(
    title,
    lines
      .flatMap((line) => wrapWords(line, storyWidth(options) - STORY_MARGIN).split('\n'))
      .map((line) => line.trimEnd())
      .map((line) => (line.includes(' ') ? line : storyId(line, options))),
  );

export const unwrappedSection = (title: string, lines: readonly string[]): string[] =>
  lines
    .flatMap((line) => line.split('\n'))
    .map((line, n) => `  ${(n === 0 ? title : '').padEnd(STORY_MARGIN - 2)}${line}`);
