/** Every remediation killed at every call of its function, through the executed workflow, in one organization. */
import * as z from 'zod';
import { UsageError } from '../../../cli/errors/usage-error.ts';
import { remediations } from '../../../functions/remediations/registry.generated.ts';
import { everything } from '../../simulate/policy.ts';
import { installed } from '../installation.ts';
import { doneIn, keep } from '../progress.ts';
import type { Soaked } from '../soak-installation.ts';
import { FAULTY, type Faulty, made, withParams } from './faulty.ts';
import { HOWS, type Killing } from './killing.ts';
import { playRound, type Round } from './round.ts';

const Part = z.object({
  remediation: z.string(),
  case: z.string(),
  /** Calls of the function when nobody kills it: for the fix, and for its undo. */
  fixing: z.int(),
  undoing: z.int(),
  kills: z.int(),
  replayed: z.int(),
  problems: z.array(z.string()).readonly(),
});
export type KillsPart = Readonly<z.infer<typeof Part>>;

export type KillsOptions = {
  /** One of them; default: all. */
  readonly remediation?: string;
  readonly seed: number;
  /** Where progress is kept. */
  readonly state: string;
  readonly progress: (line: string) => void;
};

export type KillsReport = {
  readonly parts: readonly KillsPart[];
  readonly kills: number;
  readonly replayed: number;
  readonly problems: readonly string[];
};

/** Goes on with the cases that the file does not have yet, and answers about all. @throws UsageError for an unknown remediation */
export async function kills({ state, progress, ...asked }: KillsOptions): Promise<KillsReport> {
  const wanted = faultyOf(asked.remediation);
  const done = await doneIn(state, { soak: 'kills', ...asked }, Part);
  const left = wanted.slice(done.length);
  if (done.length > 0) progress(`${done.length} of ${wanted.length} cases were done before`);
  if (left.length > 0) {
    progress('deploying the templates');
    await installed({ ...organizationOf(left), seed: asked.seed }, async (soaked) => {
      for (const faulty of left) {
        done.push(await killedEverywhere(soaked, faulty));
        await keep(state, { soak: 'kills', ...asked }, done);
        progress(`case ${done.length} of ${wanted.length}: ${shown(done.at(-1)!)}`);
      }
    });
  }
  return summed(done);
}

export const organizationOf = (faulty: readonly Faulty[]) => ({
  members: faulty.map(({ account }) => ({ id: account, name: `account ${account}` })),
  policy: everything(remediations),
});

function faultyOf(remediation: string | undefined): readonly Faulty[] {
  const wanted = FAULTY.filter(({ cases: { of } }) => remediation === undefined || of.id === remediation);
  if (wanted.length > 0) return wanted;
  const ids = remediations.map(({ id }) => id).join(', ');
  throw new UsageError(`There is no remediation ${remediation} with a faulty case. There are ${ids}.`);
}

/** Once undisturbed, then killed before and after each call. The undo makes the resource faulty for the next round. */
export async function killedEverywhere(soaked: Soaked, faulty: Faulty): Promise<KillsPart> {
  const rounds: Round[] = [];
  await withParams(soaked, faulty, async () => {
    const first = await made(soaked, faulty, 0);
    let subject = first;
    const round = async (killing?: Killing) => {
      const finding = `${faulty.account}-${rounds.length}`;
      // What had to be made anew has other ids.
      const like = subject === first ? rounds[0] : undefined;
      const played = await playRound(soaked, subject, finding, killing, like);
      rounds.push(played);
      if (!played.isRestored) subject = await made(soaked, faulty, rounds.length);
    };
    await round();
    const calls = Math.max(rounds[0]!.fixing, rounds[0]!.undoing);
    for (let call = 1; call <= calls; call++) for (const how of HOWS) await round({ call, how });
  });
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  return {
    remediation: faulty.cases.of.id,
    case: faulty.name,
    fixing: rounds[0]!.fixing,
    undoing: rounds[0]!.undoing,
    kills: sum(({ kills }) => kills),
    replayed: sum(({ replayed }) => replayed),
    problems: rounds.flatMap(({ problems }) => problems.map((what) => `${nameOf(faulty)}: ${what}`)),
  };
}

const nameOf = ({ cases: { of }, name }: Faulty) => `${of.id}, ${name}`;

const shown = ({ remediation, case: name, kills, problems }: KillsPart) =>
  `${remediation}, ${name}: killed ${kills} times${problems.length > 0 ? `, ${problems.length} problems` : ''}`;

function summed(parts: readonly KillsPart[]): KillsReport {
  const sum = (of: (part: KillsPart) => number) => parts.reduce((all, part) => all + of(part), 0);
  return {
    parts,
    kills: sum(({ kills }) => kills),
    replayed: sum(({ replayed }) => replayed),
    problems: parts.flatMap(({ problems }) => problems),
  };
}
