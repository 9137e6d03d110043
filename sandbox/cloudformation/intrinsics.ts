/**
 * Intrinsic functions over the values of one stack.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import type { AwsError } from '../kernel/kernel.ts';
import { hasDynamicReference } from './dynamic-references.ts';

/** The names that a template's values can refer to. Each function throws for an unknown name. */
export type TemplateScope = {
  readonly region: string;
  /** The template declares `AWS::LanguageExtensions`, so Fn::ToJsonString and Fn::Length are allowed. */
  readonly languageExtensions: boolean;
  isParameter(name: string): boolean;
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  mapping(map: string, key: string, secondKey: string): unknown;
  condition(name: string): boolean;
  importValue(name: string): unknown;
  error(message: string, path: Path): AwsError;
};
export type Path = readonly (string | number)[];

/** The value of `AWS::NoValue`: a property or list member with it is dropped. */
export const NO_VALUE = Symbol('AWS::NoValue');

export function resolve(value: unknown, scope: TemplateScope, path: Path): unknown {
  // In properties, they are resolved when the resource is created or changed.
  if (typeof value === 'string' && hasDynamicReference(value) && path[1] !== 'Properties')
    throw scope.error(`the dynamic reference ${value} outside of a resource's properties is not modelled`, path);
  if (Array.isArray(value)) {
    return value
      .map((member, index) => resolve(member, scope, [...path, index]))
      .filter((member) => member !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const call = intrinsicCall(value, scope, path);
  if (call) return evaluate(call.name, call.argument, scope, [...path, call.name]);
  const entries = Object.entries(value).map(([key, member]) => [key, resolve(member, scope, [...path, key])] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== NO_VALUE));
}

/** Evaluates a condition of the Conditions section, of a condition function, or of a rule. */
export function conditionHolds(value: unknown, scope: TemplateScope, path: Path): boolean {
  if (!isObject(value)) throw scope.error('a condition must be a function', path);
  const [name, argument] = Object.entries(value)[0] ?? [];
  const below = [...path, name ?? ''];
  if (name === 'Condition' && typeof argument === 'string') return scope.condition(argument);
  if (!Array.isArray(argument)) throw scope.error(`unknown condition function ${name}`, path);
  const conditions = () => argument.map((member, index) => conditionHolds(member, scope, [...below, index]));
  switch (name) {
    case 'Fn::And':
      return conditions().every(Boolean);
    case 'Fn::Or':
      return conditions().some(Boolean);
    case 'Fn::Not':
      return !conditions()[0];
    case 'Fn::Equals': {
      const [left, right] = resolve(argument, scope, below) as unknown[];
      return JSON.stringify(comparable(left)) === JSON.stringify(comparable(right));
    }
    case 'Fn::Contains': {
      const [list, sought] = resolve(argument, scope, below) as [unknown[], unknown];
      return list.map(String).includes(String(sought));
    }
    default:
      throw scope.error(`unknown condition function ${name}`, path);
  }
}

/** Returns the logical ids that a value refers to, in the branches that its conditions select. */
export function referencedIds(value: unknown, scope: TemplateScope, path: Path): string[] {
  if (Array.isArray(value)) return value.flatMap((member, index) => referencedIds(member, scope, [...path, index]));
  if (!isObject(value)) return [];
  const call = intrinsicCall(value, scope, path);
  if (!call) return Object.entries(value).flatMap(([key, member]) => referencedIds(member, scope, [...path, key]));
  const { name, argument } = call;
  if (name === 'Ref') return [String(argument)];
  if (name === 'Fn::GetAtt') return [attributeOf(argument, scope, path)[0]];
  if (name === 'Fn::If') return referencedIds(branch(argument, scope, [...path, name]), scope, [...path, name]);
  if (name !== 'Fn::Sub') return referencedIds(argument, scope, [...path, name]);
  const [text, variables] = substitution(argument, scope, path);
  const own = [...text.matchAll(PLACEHOLDER)].map((match) => match[1]!).filter((key) => !(key in variables));
  const logicalIds = own.filter((key) => !key.startsWith('!')).map((key) => key.split('.')[0]!);
  return [...logicalIds, ...referencedIds(variables, scope, [...path, name])];
}

function intrinsicCall(value: Record<string, unknown>, scope: TemplateScope, path: Path) {
  const keys = Object.keys(value);
  const name = keys.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name === undefined) return undefined;
  if (name === 'Ref' && keys.length > 1) return undefined;
  if (keys.length > 1) throw scope.error(`${name} must be the only key of its object`, path);
  return { name, argument: value[name] };
}

function evaluate(name: string, argument: unknown, scope: TemplateScope, path: Path): unknown {
  const resolved = () => resolve(argument, scope, path);
  switch (name) {
    case 'Ref':
      if (typeof argument !== 'string') throw scope.error('Ref takes a name', path);
      return argument === 'AWS::NoValue' ? NO_VALUE : scope.ref(argument);
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = attributeOf(argument, scope, path);
      return scope.attribute(logicalId, attribute);
    }
    case 'Fn::If':
      return resolve(branch(argument, scope, path), scope, path);
    case 'Fn::Join': {
      const [separator, list] = pair(resolved(), name, scope, path);
      return strings(list, name, scope, path).join(String(separator));
    }
    case 'Fn::Sub': {
      const [text, variables] = substitution(argument, scope, path);
      const values = resolve(variables, scope, path) as Record<string, unknown>;
      return text.replace(PLACEHOLDER, (_match, key: string) => substitute(key, values, scope, path));
    }
    case 'Fn::Select': {
      const [index, list] = pair(resolved(), name, scope, path);
      const chosen = Array.isArray(list) ? list[Number(index)] : undefined;
      if (chosen === undefined) throw scope.error(`Fn::Select cannot select nonexistent value at index ${index}`, path);
      return chosen;
    }
    case 'Fn::Split': {
      const [separator, text] = pair(resolved(), name, scope, path);
      if (typeof text !== 'string') throw scope.error('Fn::Split takes a string', path);
      return text.split(String(separator));
    }
    case 'Fn::FindInMap': {
      const keys = strings(resolved(), name, scope, path);
      if (keys.length !== 3) throw scope.error('Fn::FindInMap takes a map and two keys', path);
      return scope.mapping(keys[0]!, keys[1]!, keys[2]!);
    }
    case 'Fn::ImportValue':
      return scope.importValue(String(resolved()));
    case 'Fn::Base64':
      return Buffer.from(String(resolved())).toString('base64');
    case 'Fn::GetAZs':
      return ['a', 'b', 'c'].map((zone) => `${resolved() || scope.region}${zone}`);
    case 'Fn::ToJsonString':
    case 'Fn::Length':
      if (!scope.languageExtensions) throw scope.error(`${name} needs the transform AWS::LanguageExtensions`, path);
      return name === 'Fn::Length' ? (resolved() as unknown[]).length : JSON.stringify(resolved());
    default:
      throw scope.error(`unknown intrinsic function ${name}`, path);
  }
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;

function substitute(key: string, values: Record<string, unknown>, scope: TemplateScope, path: Path): string {
  if (key.startsWith('!')) return `\${${key.slice(1)}}`;
  if (key in values) return text(values[key], 'Fn::Sub', scope, path);
  const dot = key.indexOf('.');
  const found = dot === -1 ? scope.ref(key) : scope.attribute(key.slice(0, dot), key.slice(dot + 1));
  return text(found, 'Fn::Sub', scope, path);
}

function substitution(argument: unknown, scope: TemplateScope, path: Path): [string, Record<string, unknown>] {
  if (typeof argument === 'string') return [argument, {}];
  if (Array.isArray(argument) && typeof argument[0] === 'string' && isObject(argument[1]))
    return [argument[0], argument[1]];
  throw scope.error('Fn::Sub takes a string, or a string and a map', path);
}

function attributeOf(argument: unknown, scope: TemplateScope, path: Path): [string, string] {
  const parts = typeof argument === 'string' ? argument.split('.') : argument;
  if (Array.isArray(parts) && parts.length >= 2 && parts.every((part) => typeof part === 'string')) {
    return [String(parts[0]), parts.slice(1).join('.')];
  }
  throw scope.error('Fn::GetAtt takes a logical id and an attribute', path);
}

function branch(argument: unknown, scope: TemplateScope, path: Path): unknown {
  if (!Array.isArray(argument) || argument.length !== 3 || typeof argument[0] !== 'string') {
    throw scope.error('Fn::If takes a condition and two values', path);
  }
  return scope.condition(argument[0]) ? argument[1] : argument[2];
}

function pair(argument: unknown, name: string, scope: TemplateScope, path: Path): [unknown, unknown] {
  if (!Array.isArray(argument) || argument.length !== 2) throw scope.error(`${name} takes a list of two`, path);
  return [argument[0], argument[1]];
}

function strings(list: unknown, name: string, scope: TemplateScope, path: Path): string[] {
  if (!Array.isArray(list)) throw scope.error(`${name} takes a list`, path);
  return list.map((member) => text(member, name, scope, path));
}

function text(value: unknown, name: string, scope: TemplateScope, path: Path): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw scope.error(`${name} got ${JSON.stringify(value)} where a string is needed`, path);
}

const comparable = (value: unknown) => (typeof value === 'object' ? value : String(value));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
