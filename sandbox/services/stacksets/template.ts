/** The checks of a template that StackSets make before they deploy it. */
import { AwsError } from '../../kernel/kernel.ts';

/** @throws AwsError ValidationError or InsufficientCapabilitiesException */
export function checkTemplate(template: string, capabilities: readonly string[]): void {
  if (hasNamedIam(template) && !capabilities.includes('CAPABILITY_NAMED_IAM'))
    throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_NAMED_IAM]');
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html */
function hasNamedIam(template: string): boolean {
  const { Resources = {} } = parsedTemplate(template);
  return Object.values(Resources).some(
    ({ Type, Properties = {} }) =>
      Type.startsWith('AWS::IAM::') &&
      Object.keys(Properties).some((name) => /^(Role|ManagedPolicy|User|Group)Name$/.test(name)),
  );
}

type SomeTemplate = {
  readonly Resources?: Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;
};

function parsedTemplate(template: string): SomeTemplate {
  try {
    return JSON.parse(template);
  } catch {
    throw new AwsError('ValidationError', 'Template format error: JSON not well-formed.');
  }
}
