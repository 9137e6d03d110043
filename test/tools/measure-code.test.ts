import { expect, it } from 'vitest';
import { measure } from '../../tools/measure-code.ts';

const LONG_FUNCTION = `export function long(): void {\n${'  call();\n'.repeat(60)}}\n`;

it('counts circles, long files and functions, repeated names, comments and lines', () => {
  const figures = measure([
    { path: 'cli/a.ts', text: `import { b } from './b.ts';\n/** Calls. */\n${LONG_FUNCTION}` },
    {
      path: 'cli/b.ts',
      text: "import { a } from './a.ts';\n// One\n// comment.\nexport const long = `\n// text\n`;\n",
    },
    { path: 'lab/laws/c.ts', text: 'call();\n'.repeat(301) },
  ]);
  expect(figures).toEqual({
    importCircles: [['cli/a.ts', 'cli/b.ts']],
    longFiles: [{ path: 'lab/laws/c.ts', lines: 301 }],
    longFunctions: [{ path: 'cli/a.ts', line: 3, lines: 62 }],
    namesDefinedTwice: ['long'],
    comments: { count: 2, lines: 3, shareOfLines: expect.closeTo(3 / 371, 3) },
    linesByFolder: { cli: 70, 'lab/laws': 301 },
  });
});
