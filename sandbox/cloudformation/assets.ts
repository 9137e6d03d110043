/** Properties that refer to assets. The sandbox has no bootstrap bucket, so it looks assets up by object key. */
import { readFile } from 'node:fs/promises';
import { templateError } from './template.ts';

/** Replaces the addresses of assets: Lambda's code, and the template of a StackSet unless somebody uploaded it. */
export async function withAssets(
  type: string,
  properties: unknown,
  assets: ReadonlyMap<string, string> | undefined,
  [stackName, logicalId]: readonly [string, string],
): Promise<unknown> {
  const { Code, TemplateURL, ...rest } = properties as { Code?: { S3Key?: string }; TemplateURL?: string };
  if (type === 'AWS::Lambda::Function' && Code?.S3Key) {
    const directory = assets?.get(Code.S3Key);
    if (directory) return { ...rest, Code: { directory } };
    throw templateError(stackName, `no file asset has the key ${Code.S3Key}`, logicalId, 'Properties', 'Code');
  }
  if (type !== 'AWS::CloudFormation::StackSet' || !TemplateURL) return properties;
  const path = assets?.get(TemplateURL.slice(TemplateURL.lastIndexOf('/') + 1));
  return path ? { ...rest, TemplateURL, Fetched: await readFile(path, 'utf8') } : properties;
}
