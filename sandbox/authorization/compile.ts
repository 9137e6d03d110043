/** Policy documents made ready for deciding: once per document, then looked up by action. */
import { type ConditionOperator, conditionOperator } from './operators.ts';
import { type IamPolicy, type IamStatement, listOf, type PrincipalElement } from './policy.ts';
import { escapeWildcards, matchesWildcard } from './wildcards.ts';

/** What is known of a request; keys in lower case. */
export type RequestContext = ReadonlyMap<string, string | readonly string[]>;

/** Text with policy variables, or text alone. */
export type Template = string | readonly (string | Variable)[];
type Variable = { readonly key: string; readonly otherwise?: string };

export type CompiledCondition = {
  readonly operator: ConditionOperator;
  readonly key: string;
  readonly values: readonly Template[];
};

export type CompiledStatement = {
  /** Sid, else the index. */
  readonly name: string;
  readonly allows: boolean;
  readonly principal?: PrincipalElement;
  readonly notPrincipal?: PrincipalElement;
  readonly resources?: readonly Template[];
  readonly notResources?: readonly Template[];
  readonly conditions: readonly CompiledCondition[];
};

type CompiledDocument = {
  readonly statements: readonly { readonly statement: CompiledStatement; covers(action: string): boolean }[];
  readonly byAction: Map<string, readonly CompiledStatement[]>;
};

const compiled = new WeakMap<IamPolicy, CompiledDocument>();

/** The statements of a document that speak of this action (in lower case). */
export function statementsFor(document: IamPolicy, action: string): readonly CompiledStatement[] {
  let known = compiled.get(document);
  if (!known) {
    known = compile(document);
    compiled.set(document, known);
  }
  let statements = known.byAction.get(action);
  if (!statements) {
    statements = known.statements.filter(({ covers }) => covers(action)).map(({ statement }) => statement);
    known.byAction.set(action, statements);
  }
  return statements;
}

/**
 * A template with its variables put in; undefined when one has no value and no default, so that nothing matches it.
 * @param wildcards the result is a pattern: what a variable brings in is escaped
 */
export function fill(template: Template, context: RequestContext, wildcards: boolean): string | undefined {
  if (typeof template === 'string') return template;
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = part.key === '' ? part.otherwise : (context.get(part.key) ?? part.otherwise);
    if (typeof value !== 'string') return undefined;
    text += wildcards ? escapeWildcards(value) : value;
  }
  return text;
}

function compile(document: IamPolicy): CompiledDocument {
  const variables = document.Version === '2012-10-17';
  const statements = listOf(document.Statement).map((statement, index) => ({
    statement: compileStatement(statement, index, variables),
    covers: actionTest(statement),
  }));
  return { statements, byAction: new Map() };
}

function compileStatement(statement: IamStatement, index: number, variables: boolean): CompiledStatement {
  const templates = (texts: IamStatement['Resource']) =>
    texts === undefined ? undefined : listOf(texts).map((text) => template(text, variables));
  return {
    name: statement.Sid || String(index),
    allows: statement.Effect === 'Allow',
    principal: statement.Principal,
    notPrincipal: statement.NotPrincipal,
    resources: templates(statement.Resource),
    notResources: templates(statement.NotResource),
    conditions: compileConditions(statement.Condition ?? {}, variables),
  };
}

function actionTest(statement: IamStatement): (action: string) => boolean {
  const patterns = listOf(statement.Action ?? statement.NotAction).map((pattern) => pattern.toLowerCase());
  const wanted = statement.NotAction === undefined;
  return (action) => patterns.some((pattern) => matchesWildcard(action, pattern)) === wanted;
}

function compileConditions(condition: NonNullable<IamStatement['Condition']>, variables: boolean): CompiledCondition[] {
  return Object.entries(condition).flatMap(([name, tests]) => {
    const operator = conditionOperator(name);
    if (!operator) throw new Error(`${name} is no condition operator: the policy was not parsed`);
    return Object.entries(tests).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: listOf(values).map((value) => template(String(value), variables && operator.takesVariables)),
    }));
  });
}

/** `${*}`, `${?}` and `${$}` are variables without a key, whose value is the character. */
function template(text: string, variables: boolean): Template {
  if (!variables || !text.includes('${')) return text;
  return text
    .split(/(\$\{[^}]*\})/)
    .filter((part) => part !== '')
    .map((part) => {
      const [, inner] = /^\$\{(.*)\}$/s.exec(part) ?? [];
      if (inner === undefined) return part;
      if (/^[*?$]$/.test(inner)) return { key: '', otherwise: inner };
      const [, key = inner, otherwise] = /^(.*?)\s*,\s*'(.*)'\s*$/s.exec(inner) ?? [];
      return { key: key.trim().toLowerCase(), otherwise };
    });
}
