/** Policy documents as JSON. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */

export type OneOrMore<T> = T | readonly T[];
export type PrincipalElement = '*' | Readonly<Record<string, OneOrMore<string>>>;
export type ConditionElement = Readonly<Record<string, Readonly<Record<string, OneOrMore<string | number | boolean>>>>>;

export type IamStatement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalElement;
  readonly NotPrincipal?: PrincipalElement;
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: ConditionElement;
};

export type IamPolicy = {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: OneOrMore<IamStatement>;
};

/** `name` cites the document in decisions. */
export type NamedPolicy = { readonly name: string; readonly document: IamPolicy };
