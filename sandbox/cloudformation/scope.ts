import type { AwsPlace, CreatedResource } from '../kernel/kernel.ts';
import { conditionHolds, NO_VALUE, type TemplateScope } from './intrinsics.ts';
import { unresolvedResources } from './order.ts';
import { type Template, templateError } from './template.ts';

export type StackContext = {
  readonly place: AwsPlace;
  readonly stackName: string;
  readonly stackId: string;
  readonly template: Template;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly created: ReadonlyMap<string, CreatedResource>;
  importValue(name: string): unknown;
};

export function stackScope(context: StackContext): TemplateScope {
  const { place, stackName, template, parameters, created } = context;
  const pseudo = pseudoParameters(context);
  const conditions = new Map<string, boolean | 'evaluating'>();
  const scope: TemplateScope = {
    region: place.region,
    languageExtensions: template.Transform === 'AWS::LanguageExtensions',
    error: (message, path) => templateError(stackName, message, ...path),
    isParameter: (name) => pseudo.has(name) || parameters.has(name),
    ref(name) {
      if (pseudo.has(name)) return pseudo.get(name);
      if (parameters.has(name)) return parameters.get(name);
      return resource(name).ref;
    },
    attribute(logicalId, name) {
      const { attributes = {} } = resource(logicalId);
      if (name in attributes) return attributes[name];
      const type = template.Resources[logicalId]?.Type;
      throw templateError(stackName, `Requested attribute ${name} does not exist in schema for ${type}`, logicalId);
    },
    mapping(map, key, secondKey) {
      const value = template.Mappings[map]?.[key]?.[secondKey];
      if (value !== undefined) return value;
      throw templateError(stackName, `Unable to get mapping for ${map}::${key}::${secondKey}`, 'Mappings', map);
    },
    condition(name) {
      const known = conditions.get(name);
      if (known === 'evaluating') throw templateError(stackName, 'Circular dependency', 'Conditions', name);
      if (known !== undefined) return known;
      if (!(name in template.Conditions)) throw templateError(stackName, `Unresolved condition dependency ${name}`);
      conditions.set(name, 'evaluating');
      const value = conditionHolds(template.Conditions[name], scope, ['Conditions', name]);
      conditions.set(name, value);
      return value;
    },
    importValue: (name) => context.importValue(name),
  };
  return scope;

  function resource(logicalId: string): CreatedResource {
    const found = created.get(logicalId);
    if (found) return found;
    throw templateError(stackName, unresolvedResources([logicalId]));
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html */
function pseudoParameters({ place, stackName, stackId }: StackContext): Map<string, unknown> {
  return new Map<string, unknown>([
    ['AWS::AccountId', place.account],
    ['AWS::Region', place.region],
    ['AWS::Partition', place.partition],
    ['AWS::URLSuffix', place.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'],
    ['AWS::StackName', stackName],
    ['AWS::StackId', stackId],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', NO_VALUE],
  ]);
}
