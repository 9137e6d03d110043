/** Looks up CloudFormation's resource types and their properties in the CDK, which generates them from AWS's schema. */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { likeliest, mostAlike } from '../functions/domain/nearest.ts';
import { lettersAndDigits } from './identifiers.ts';

const CDK = dirname(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'));
const readCdkJson = (path: string): any => JSON.parse(readFileSync(join(CDK, path), 'utf8'));

/** The CDK's class of each type: `aws-cdk-lib/aws-athena.CfnWorkGroup`. */
const CLASSES: Readonly<Record<string, string>> = readCdkJson('cloudformation-include/cfn-types-2-classes.json');

export const cloudFormationTypeExists = (type: string): boolean => Object.hasOwn(CLASSES, type);

/** `AWS::EFS::FileSystem` → `EFS` */
const serviceOf = (type: string): string => type.split('::')[1] ?? '';
/** `AWS::EFS::FileSystem` → `FileSystem` */
const resourceOf = (type: string): string => type.split('::')[2] ?? '';

/**
 * Returns the type of a service's resource, and the types of the service with the nearest names. `services` are all names
 * that the service may have: IAM's `elasticfilesystem` is EFS.
 */
export function cloudFormationType(
  services: readonly string[],
  resource: string,
): { readonly type: string | undefined; readonly others: readonly string[] } {
  const names = new Set(services.map(lettersAndDigits));
  const types = Object.keys(CLASSES).filter((type) => names.has(lettersAndDigits(serviceOf(type))));
  const type = types.find((each) => lettersAndDigits(resourceOf(each)) === lettersAndDigits(resource));
  return { type, others: nearestTypes(resource, types) };
}

const nearestTypes = (resource: string, types: readonly string[]): string[] => {
  const typesByName = new Map(types.map((type) => [type.split('::').slice(2).join(''), type]));
  return likeliest(resource.replaceAll('-', ''), [...typesByName.keys()]).map((name) => typesByName.get(name)!);
};

/** Returns the types of the same service, nearest first, or of all services if it has none. */
export function similarTypes(type: string): string[] {
  const types = Object.keys(CLASSES);
  const ofService = types.filter((each) => lettersAndDigits(serviceOf(each)) === lettersAndDigits(serviceOf(type)));
  return ofService.length > 0 ? nearestTypes(resourceOf(type), ofService) : likeliest(type, types);
}

/** Returns the properties of a type that exists, as the CDK writes them into a template. */
export const cloudFormationProperties = (type: string): string[] => [...membersOfClass(type, propsClass(type)).keys()];

/** The first property of a path that the type does not have, and the names that it may be instead, the likeliest first. */
export type UnknownProperty = { readonly name: string; readonly likeliest: readonly string[] };

/**
 * Returns the part of a property's path that CloudFormation's schema of the type lacks; undefined if it has all.
 * @param path with dots into nested properties, and a key in brackets for a list of Key and Value
 */
export function unknownProperty(type: string, path: string): UnknownProperty | undefined {
  const [, dotted = '', key] = /^([^[]*)(\[.*\])?$/.exec(path) ?? [];
  const names = [...dotted.split('.'), ...(key ? ['Key'] : [])];
  let classes = [propsClass(type)];
  for (const name of names) {
    const members = new Map(classes.flatMap((each) => [...membersOfClass(type, each)]));
    const nested = members.get(name);
    if (!nested) return { name, likeliest: mostAlike(name, [...members.keys()]) };
    classes = [...nested];
  }
  return undefined;
}

const propsClass = (type: string): string => `${/\.(\w+)$/.exec(CLASSES[type]!)![1]}Props`;

const CODES = new Map<string, string>();

/** Returns the CDK's generated code of a type's service. */
function generatedCode(type: string): string {
  const [, folder = ''] = /\/(.+)\.\w+$/.exec(CLASSES[type]!) ?? [];
  const known = CODES.get(folder);
  if (known !== undefined) return known;
  const files = globSync(join(CDK, folder.replace(/-v2$/, ''), 'lib/*.generated.js'));
  const code = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  CODES.set(folder, code);
  return code;
}

/**
 * Returns the members of the object literal in the CDK's function `convertCfnWorkGroupPropsToCloudFormation`, each with
 * the classes that it may have itself.
 */
function membersOfClass(type: string, className: string): Map<string, readonly string[]> {
  const conversion = new RegExp(`function convert${className}ToCloudFormation\\(.*?,\\{([^{}]*)\\}\\)`);
  const [, literal = ''] = conversion.exec(generatedCode(type)) ?? [];
  const members = literal.matchAll(/(?:^|,)"?([A-Za-z]\w*)"?:(.*?)(?=,"?[A-Za-z]\w*"?:|$)/g);
  return new Map(
    [...members].map(([, property = '', value = '']) => [
      property,
      [...value.matchAll(/\bconvert(\w+)ToCloudFormation\b/g)].map(([, nested]) => nested!),
    ]),
  );
}
