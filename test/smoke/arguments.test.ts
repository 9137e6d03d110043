import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { STEP_IDS } from '../../smoke/step-ids.ts';
import { SMOKE_STEPS } from '../../smoke/steps.ts';

const run = promisify(execFile);

/** Refuses every client of the SDK, and so each step. */
const WITHOUT_SDK = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (name, context, next) => {
    if (name.startsWith('@aws-sdk/client-')) throw new Error('loaded ' + name);
    return next(name, context);
  } });`)}`;

describe('wrong usage of the smoke run', () => {
  it.each([
    [['--i-pay'], /--organization and --member is missing/],
    [['--only', 'no-step'], /There is no step "no-step"\. There are: stack-set, doctor/],
    [['--organization', 'o-a', '--member', '1', '--i-pay'], /cdk\.json is for organization/],
    [['--nonsense'], /unknown option/],
  ])('is refused before clients are loaded: %j', async (args, text) => {
    const refused = run(process.execPath, ['--import', WITHOUT_SDK, 'bin/smoke.ts', ...args]);
    await expect(refused).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(text) });
  });
  it('knows the steps by name', () => {
    expect(STEP_IDS).toEqual(SMOKE_STEPS.map(({ id }) => id));
  });
});
