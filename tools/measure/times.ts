import { execFileSync } from 'node:child_process';

export type ScriptTime = { readonly script: string; readonly processorSeconds: number; readonly passed: boolean };

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  test: ['test'],
  check: ['run', 'check'],
  prove: ['run', 'prove', '--', 'ec2/close-admin-ports'],
};

export const timeScripts = (root: string): ScriptTime[] =>
  Object.entries(SCRIPTS).map(([script, args]) => timeScript(root, script, args));

/** The shell's `times` prints a line of its own times, then one of its children's: each has user and system time. */
function timeScript(root: string, script: string, args: readonly string[]): ScriptTime {
  const command = 'npm "$@" >/dev/null 2>&1; echo $?; times';
  const output = execFileSync('sh', ['-c', command, 'sh', ...args], { cwd: root, encoding: 'utf8' });
  const [code, , children = ''] = output.trim().split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, secondsOfMinute]) => 60 * Number(minutes) + Number(secondsOfMinute),
  );
  return { script, processorSeconds: seconds.reduce((sum, each) => sum + each, 0), passed: code === '0' };
}
