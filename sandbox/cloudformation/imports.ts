/**
 * Imports of resources that exist, as a change set of the type IMPORT and `--import-existing-resources` make them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
import { type At, AwsError, type CreatedResource, type ResourceType } from '../kernel/kernel.ts';
import { CLOUDFORMATION } from './stacks.ts';
import type { Template, TemplateResource } from './template.ts';

/**
 * `named`: a deployment takes over each existing resource whose name the template gives to a retained resource.
 * Otherwise the identifiers of the resources to import, by logical id: the deployment ignores other resources and the
 * outputs.
 */
export type Imports = 'named' | Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Leaves out what an import with identifiers does not name: it must not create anything. */
export function importedPart(template: Template, imports: Imports | undefined): Template {
  if (imports === undefined || imports === 'named') return template;
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).filter(([logicalId]) => Object.hasOwn(imports, logicalId)),
  );
  return { ...template, Resources, Outputs: {} };
}

export type ImportCandidate = {
  readonly imports: Imports | undefined;
  readonly logicalId: string;
  readonly declared: TemplateResource;
  readonly resourceType: ResourceType<unknown>;
  readonly properties: unknown;
};

/**
 * Returns the existing resource that the stack takes over, unchanged; undefined for one that must be created.
 * @throws AwsError ValidationError for a resource that cannot be imported, or belongs to a stack
 */
export function importedResource(
  { imports, logicalId, declared, resourceType, properties }: ImportCandidate,
  at: At<unknown>,
): CreatedResource | undefined {
  if (imports === undefined) return undefined;
  const { Type, DeletionPolicy } = declared;
  const isNamed = imports === 'named';
  if (isNamed && !/^Retain/.test(DeletionPolicy ?? '')) return undefined;
  const refuse = (why: string) => new AwsError('ValidationError', `${logicalId} (${Type}): ${why}`);
  if (DeletionPolicy === undefined) throw refuse('Resources to import must have a DeletionPolicy attribute specified');
  const identifier = isNamed ? properties : imports[logicalId];
  const found = resourceType.adopt?.(identifier as Record<string, string>, at);
  if (!found) {
    if (isNamed) return undefined;
    throw refuse(`there is no resource with the identifier ${JSON.stringify(identifier)}`);
  }
  const owner = [...at.kernel.state(CLOUDFORMATION, at).stacks.values()].find(({ resources }) =>
    resources.values().some(({ type, created }) => type === Type && created.ref === found.ref),
  );
  if (owner) throw refuse(`it belongs to the stack ${owner.name} already`);
  return found;
}
