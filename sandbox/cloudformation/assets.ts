/** Properties that refer to assets. The sandbox has no bootstrap bucket, so it looks assets up by object key. */
import { readFile } from 'node:fs/promises';
import { templateError } from './template.ts';

/** Replaces the addresses of assets: Lambda's code, the template of a StackSet. */
export async function withAssets(
  type: string,
  properties: unknown,
  assets: ReadonlyMap<string, string> | undefined,
  [stackName, logicalId]: readonly [string, string],
): Promise<unknown> {
  const { Code, TemplateURL, ...rest } = properties as { Code?: { S3Key?: string }; TemplateURL?: string };
  const pathOf = (key: string, property: string) => {
    const path = assets?.get(key);
    if (path) return path;
    throw templateError(stackName, `no file asset has the key ${key}`, logicalId, 'Properties', property);
  };
  if (type === 'AWS::Lambda::Function' && Code?.S3Key)
    return { ...rest, Code: { directory: pathOf(Code.S3Key, 'Code') } };
  if (type !== 'AWS::CloudFormation::StackSet' || !TemplateURL) return properties;
  const key = TemplateURL.slice(TemplateURL.lastIndexOf('/') + 1);
  return { ...rest, TemplateURL, Fetched: await readFile(pathOf(key, 'TemplateURL'), 'utf8') };
}
