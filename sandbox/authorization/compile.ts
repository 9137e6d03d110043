/** Compiles policy documents for evaluation: once per document, with its statements indexed by action. */
import { type ConditionOperator, conditionOperator } from './operators.ts';
import { asList, type IamPolicy, type IamStatement, type PrincipalElement } from './policy.ts';
import { escapeWildcards, matchesWildcard } from './wildcards.ts';

export type RequestContext = ReadonlyMap<string, string | readonly string[]>;

export type PolicyTemplate = string | readonly (string | Variable)[];
type Variable = { readonly key: string; readonly otherwise?: string };

export type CompiledCondition = {
  readonly operator: ConditionOperator;
  readonly key: string;
  readonly values: readonly PolicyTemplate[];
};

export type CompiledStatement = {
  /** The Sid, or the index if the statement has none. */
  readonly name: string;
  readonly allows: boolean;
  readonly principal?: PrincipalElement;
  readonly notPrincipal?: PrincipalElement;
  readonly resources?: readonly PolicyTemplate[];
  readonly notResources?: readonly PolicyTemplate[];
  readonly conditions: readonly CompiledCondition[];
};

type CompiledDocument = {
  readonly statements: readonly { readonly statement: CompiledStatement; covers(action: string): boolean }[];
  readonly byAction: Map<string, readonly CompiledStatement[]>;
};

const compiled = new WeakMap<IamPolicy, CompiledDocument>();

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
 * Fills the variables of a template. Returns undefined if one has neither a value nor a default: nothing matches then.
 * @param wildcards true if the result is a pattern, in which wildcards of values are escaped
 */
export function fillVariables(
  template: PolicyTemplate,
  context: RequestContext,
  wildcards: boolean,
): string | undefined {
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
  const statements = asList(document.Statement).map((statement, index) => ({
    statement: compileStatement(statement, index, variables),
    covers: actionTest(statement),
  }));
  return { statements, byAction: new Map() };
}

function compileStatement(statement: IamStatement, index: number, variables: boolean): CompiledStatement {
  const templates = (texts: IamStatement['Resource']) =>
    texts === undefined ? undefined : asList(texts).map((text) => template(text, variables));
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
  const patterns = asList(statement.Action ?? statement.NotAction).map((pattern) => pattern.toLowerCase());
  const isPositive = statement.NotAction === undefined;
  return (action) => patterns.some((pattern) => matchesWildcard(action, pattern)) === isPositive;
}

function compileConditions(condition: NonNullable<IamStatement['Condition']>, variables: boolean): CompiledCondition[] {
  return Object.entries(condition).flatMap(([name, tests]) => {
    const operator = conditionOperator(name);
    if (!operator) throw new Error(`${name} is not a condition operator: the policy was not parsed`);
    return Object.entries(tests).map(([key, values]) => ({
      operator,
      key: key.toLowerCase(),
      values: asList(values).map((value) => template(String(value), variables && operator.takesVariables)),
    }));
  });
}

/** `${*}`, `${?}` and `${$}` are variables without a key, whose value is the character. */
function template(text: string, variables: boolean): PolicyTemplate {
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
