/** CloudFormation's resource types and their properties, as the CDK has them from CloudFormation's own schema. */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { likeliest } from '../functions/domain/nearest.ts';

const CDK = dirname(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'));
const json = (path: string): any => JSON.parse(readFileSync(join(CDK, path), 'utf8'));

/** The CDK's class of each type: `aws-cdk-lib/aws-athena.CfnWorkGroup`. */
const CLASSES: Readonly<Record<string, string>> = json('cloudformation-include/cfn-types-2-classes.json');

export const cloudFormationTypeExists = (type: string): boolean => Object.hasOwn(CLASSES, type);

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const serviceOf = (type: string): string => type.split('::')[1] ?? '';

/**
 * Returns the type of a service's resource, or undefined; and the types of the service that it may be instead. Services
 * and resources have other names in IAM: `elasticfilesystem` is EFS.
 */
export function cloudFormationType(
  services: readonly string[],
  resource: string,
): { readonly type: string | undefined; readonly others: readonly string[] } {
  const names = new Set(services.map(plain));
  const own = Object.keys(CLASSES).filter((type) => names.has(plain(serviceOf(type))));
  const type = own.find((each) => plain(each.split('::')[2]!) === plain(resource));
  return { type, others: nearestTypes(resource, own) };
}

export const nearestTypes = (resource: string, types: readonly string[]): string[] => {
  const named = new Map(types.map((type) => [type.split('::').slice(2).join(''), type]));
  return likeliest(resource.replaceAll('-', ''), [...named.keys()]).map((name) => named.get(name)!);
};

/** Returns the types of the same service, nearest first, or of all services if it has none. */
export function similarTypes(type: string): string[] {
  const all = Object.keys(CLASSES);
  const own = all.filter((each) => plain(serviceOf(each)) === plain(serviceOf(type)));
  return own.length > 0 ? nearestTypes(type.split('::')[2] ?? '', own) : likeliest(type, all);
}

/** Returns the properties of a type that exists, as the CDK writes them into a template. */
export function cloudFormationProperties(type: string): string[] {
  const [, folder = '', name] = /\/(.+)\.(\w+)$/.exec(CLASSES[type]!) ?? [];
  const files = globSync(join(CDK, folder.replace(/-v2$/, ''), 'lib/*.generated.js'));
  const code = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  const [, body = ''] =
    new RegExp(`function convert${name}PropsToCloudFormation\\(.*?,\\{([^{}]*)\\}\\)`).exec(code) ?? [];
  return [...body.matchAll(/(?:^|,)"?([A-Za-z]\w*)"?:/g)].map(([, property]) => property!);
}
