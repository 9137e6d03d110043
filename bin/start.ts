import { wrapHanging } from '../cli/output/paragraphs.ts';
import { STORY_HELP, STORY_INTRODUCTION, startSettings } from '../lab/story/options.ts';
import { joinPackages } from '../stacks/packages/join.ts';

const options = startSettings(process.argv.slice(2));
if (!options) process.exit(2);
if (options.help) {
  console.log(STORY_HELP);
  process.exit(0);
}
await joinPackages();
if (!options.json) console.log(wrapHanging(STORY_INTRODUCTION, 0, process.stdout.columns || 80));
const { synthesizeAhead } = await import('../lab/story/synthesis-ahead.ts');
const ahead = synthesizeAhead();
await ahead.begun;
const { runStory } = await import('../lab/story/start.ts');

process.exit(await runStory(options, ahead));
