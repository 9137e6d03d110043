import { type TemplateParameter, templateError } from './template.ts';

/** The value of `/cdk-bootstrap/<qualifier>/version` in a bootstrapped account, which CDK's templates check. */
export const BOOTSTRAP_VERSION = 30;

export type GivenParameters = {
  readonly values: Readonly<Record<string, string>>;
  /** Undefined: the account is not bootstrapped. */
  readonly bootstrapVersion: number | undefined;
};

/** @throws AwsError ValidationError for a missing, unknown or invalid parameter */
export function parameterValues(
  stackName: string,
  declared: Readonly<Record<string, TemplateParameter>>,
  { values, bootstrapVersion }: GivenParameters,
): Map<string, unknown> {
  const unknown = Object.keys(values).filter((name) => !(name in declared));
  if (unknown.length > 0) {
    throw templateError(stackName, `Parameters: [${unknown.join(', ')}] do not exist in the template`);
  }
  const missing = Object.keys(declared).filter(
    (name) => values[name] === undefined && declared[name]!.Default === undefined,
  );
  if (missing.length > 0) throw templateError(stackName, `Parameters: [${missing.join(', ')}] must have values`);
  return new Map(
    Object.entries(declared).map(([name, parameter]) => {
      const value = String(values[name] ?? parameter.Default);
      const problem = constraintProblem(value, parameter);
      if (problem) throw templateError(stackName, parameter.ConstraintDescription ?? problem, 'Parameters', name);
      if (parameter.Type === SSM_VALUE) return [name, bootstrapParameter(stackName, name, value, bootstrapVersion)];
      return [name, typedValue(stackName, name, value, parameter.Type)];
    }),
  );
}

const SSM_VALUE = 'AWS::SSM::Parameter::Value<String>';

/** No other parameter of Systems Manager is modelled. */
function bootstrapParameter(stackName: string, name: string, value: string, version: number | undefined): string {
  if (!/^\/cdk-bootstrap\/\w+\/version$/.test(value))
    throw templateError(stackName, `SSM parameter ${value} is not modelled`, 'Parameters', name);
  if (version !== undefined) return String(version);
  throw templateError(stackName, `Unable to fetch parameters [${value}] from parameter store for this account.`);
}

function typedValue(stackName: string, name: string, value: string, type: string): unknown {
  switch (type) {
    case 'String':
      return value;
    case 'Number':
      return Number(value);
    case 'CommaDelimitedList':
      return value.split(',').map((member) => member.trim());
    case 'List<Number>':
      return value.split(',').map(Number);
    default:
      throw templateError(stackName, `parameter type ${type} is not modelled`, 'Parameters', name);
  }
}

function constraintProblem(value: string, parameter: TemplateParameter): string | undefined {
  if (parameter.AllowedValues && !parameter.AllowedValues.map(String).includes(value)) {
    return `must be one of [${parameter.AllowedValues.join(', ')}]`;
  }
  if (parameter.AllowedPattern && !new RegExp(`^(?:${parameter.AllowedPattern})$`).test(value)) {
    return `must match pattern ${parameter.AllowedPattern}`;
  }
  if (value.length < (parameter.MinLength ?? 0)) return `must contain at least ${parameter.MinLength} characters`;
  if (value.length > (parameter.MaxLength ?? Infinity)) return `must contain at most ${parameter.MaxLength} characters`;
  if (parameter.Type !== 'Number') return undefined;
  if (!Number.isFinite(Number(value))) return 'must be a number';
  if (Number(value) < (parameter.MinValue ?? -Infinity)) return `must be a number not less than ${parameter.MinValue}`;
  if (Number(value) > (parameter.MaxValue ?? Infinity))
    return `must be a number not greater than ${parameter.MaxValue}`;
  return undefined;
}
