import { plain } from '../../functions/domain/plain-text.ts';
import type { AskedOption, AttentionAction, AttentionItem } from '../attention/attention-item.ts';
import type { ActionAnswers, ActionEnvironment, ActionResult } from '../attention/perform-action.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { UsageError } from '../errors/usage-error.ts';
import { accountText } from '../names/account-name.ts';
import { jsonOption } from '../options/standard.ts';
import { ask } from '../output/ask.ts';
import { pressKey, takesKeys } from '../output/press-key.ts';

export type TriageOptions = ActionEnvironment & {
  readonly json?: boolean;
  /** Asks the person at the terminal; undefined off a terminal. */
  readonly answer?: (question: string) => Promise<string>;
  /** Returns the next key that the person presses; undefined if the person types a letter and Enter. */
  readonly press?: (question: string) => Promise<string>;
};

export default defineCommand<TriageOptions>({
  name: 'triage',
  heading: 'Decide',
  summary: 'go through what needs a person: its causes, and keys to replay, approve, deny, exempt, undo or skip it',
  options: [
    { flags: '--file <policy>', text: 'the policy into which exempt writes (default: policy.yaml)' },
    jsonOption('one JSON object: item (the first, or null), commands; without an item, others'),
  ],
  notes: `
In this order: failed rollbacks, failures by severity and age, changes that wait for approval, dead letters; at the end, the rest that status names. Only keys of actions
that IAM lets you take are offered, and a line says who may do the rest; --json has every command. One press of a key (a letter
and Enter on a dumb terminal) runs the command of that name, which shows what it does and asks before it writes. Ctrl-C ends.
Off a terminal, prints the first with the commands to type.`.trim(),
  examples: ['suture triage', 'suture triage --json | jq -r ".commands[]"'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: { 0: 'nothing needs a person any more', 1: 'something does', 2: 'wrong usage' },
  run: (options) =>
    triageCommand({
      ...options,
      answer: process.stdin.isTTY ? ask : undefined,
      press: takesKeys() ? pressKey : undefined,
    }),
});

export async function triageCommand(options: TriageOptions): Promise<CommandResult> {
  const { json, answer, press = answer, show = () => {} } = options;
  const { resolveOperator } = await import('../clients/operator.ts');
  const { attentionItems, attentionWithoutItems } = await import('../attention/read-attention.ts');
  const { attentionCommands, attentionPage } = await import('../attention/attention-text.ts');
  const { permittedActions } = await import('../attention/permitted-actions.ts');
  const operator = await resolveOperator(options);
  const permitted = permittedActions(operator);
  let skipped = 0;
  for await (const exact of attentionItems(operator)) {
    if (json)
      return { text: JSON.stringify({ item: exact, commands: attentionCommands(exact) }, null, 2), failed: true };
    const { item, others } = await permitted(plain(exact));
    const page = [attentionPage(await withAccountName(item, options)), ...others].join('\n');
    if (!answer || !press) return { text: [page, '', ...attentionCommands(item)].join('\n'), failed: true };
    show(page);
    const choice = await decide(exact, item, { answer, press, show }, options);
    if (choice === 'quit') return { text: 'The rest waits.', failed: true };
    if (choice === 'skip') skipped++;
    show('');
  }
  const others = await attentionWithoutItems(operator);
  const failed = skipped > 0 || others.length > 0;
  if (json) return { text: JSON.stringify({ item: null, commands: [], others }, null, 2), failed };
  return { text: endText(skipped, plain(others)), failed };
}

function endText(skipped: number, others: readonly string[]): string {
  const end = skipped === 0 ? 'Nothing else needs a person.' : `That was all; ${skipped} skipped.`;
  if (others.length === 0) return end;
  const begin = skipped === 0 ? [] : [`${skipped} skipped.`];
  return [...begin, 'No key deals with the rest:', ...others.map((line) => `  ${line}`)].join('\n');
}

async function withAccountName(item: AttentionItem, environment: OperatorEnvironment): Promise<AttentionItem> {
  const { account } = item.facts;
  if (account === undefined) return item;
  const { readAccountNames } = await import('../clients/account-book.ts');
  return {
    ...item,
    facts: { ...item.facts, account: accountText(account, await readAccountNames([account], environment)) },
  };
}

type Answer = NonNullable<TriageOptions['answer']>;

type Person = { readonly answer: Answer; readonly press: Answer; readonly show: (text: string) => void };

/** Asks for a key again after a mistake, or an empty answer. */
async function decide(
  exact: AttentionItem,
  item: AttentionItem,
  person: Person,
  options: TriageOptions,
): Promise<'done' | 'skip' | 'quit'> {
  for (;;) {
    const choice = await chooseAction(item, person.press, person.show);
    if (choice === 'skip' || choice === 'quit') return choice;
    const { text, mayRetry } = await perform(exact, choice, person, options);
    person.show(text);
    if (!mayRetry) return 'done';
  }
}

async function chooseAction(
  item: AttentionItem,
  press: Answer,
  show: (text: string) => void,
): Promise<AttentionAction | 'skip' | 'quit'> {
  const { keysText } = await import('../attention/attention-text.ts');
  for (;;) {
    const key = (await press(`${keysText(item)}  > `)).trim().toLowerCase();
    if (key === 's' || key === 'skip') return 'skip';
    if (key === 'q' || key === 'quit') return 'quit';
    const chosen = item.actions.find(({ key: own, name }) => own === key || name === key);
    if (chosen) return chosen;
    show(`There is no key "${key}" here.`);
  }
}

const QUESTIONS: Readonly<Record<AskedOption, string>> = {
  until: 'Until which day (2027-01-31, or 90d; nothing leaves it)? ',
  owner: 'Who answers for it? ',
  reason: 'Why? ',
};

async function perform(
  item: AttentionItem,
  action: AttentionAction,
  { answer, show }: Person,
  environment: ActionEnvironment,
): Promise<ActionResult> {
  const answers: Record<string, string> = {};
  for (const name of action.asks) {
    const text = await answerOf(name, answer, show, environment);
    if (text === '') return { text: 'Nothing was done.', mayRetry: true };
    answers[name] = text;
  }
  const { performAction } = await import('../attention/perform-action.ts');
  return performAction(item, action, answers as ActionAnswers, environment);
}

/** Asks until the answer has the form that the command takes. */
async function answerOf(
  name: AskedOption,
  answer: Answer,
  show: (text: string) => void,
  { now = Date.now }: ActionEnvironment,
): Promise<string> {
  const { parseLastDay } = await import('../policy/exception-for.ts');
  for (;;) {
    const text = (await answer(QUESTIONS[name])).trim();
    if (name !== 'until' || text === '') return text;
    try {
      return parseLastDay(text, now());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      show(error.message);
    }
  }
}
