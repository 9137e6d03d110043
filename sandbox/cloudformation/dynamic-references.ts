/**
 * Dynamic references to secrets. A stack keeps the reference: CloudFormation reads the secret when it creates or changes
 * the resource, and does not notice a new value of it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../kernel/kernel.ts';

const REFERENCE = /\{\{resolve:([\w-]+):([^{}]*)\}\}/g;

export const hasDynamicReference = (text: string): boolean => text.includes('{{resolve:');

type Reader = { readonly kernel: Kernel; readonly place: AwsPlace; readonly principal: Principal };

/**
 * Returns the properties with the values of their references, read with the deployer's permissions.
 * @throws AwsError ValidationError for a reference that cannot be parsed or found, NotModelled for those of Systems Manager
 */
export async function withDynamicReferences(reader: Reader, properties: unknown): Promise<unknown> {
  if (typeof properties === 'string') return withSecrets(reader, properties);
  if (Array.isArray(properties))
    return Promise.all(properties.map((member: unknown) => withDynamicReferences(reader, member)));
  if (typeof properties !== 'object' || properties === null) return properties;
  const members = Object.entries(properties).map(
    async ([key, member]) => [key, await withDynamicReferences(reader, member)] as const,
  );
  return Object.fromEntries(await Promise.all(members));
}

async function withSecrets(reader: Reader, text: string): Promise<string> {
  if (!hasDynamicReference(text)) return text;
  const values: string[] = [];
  for (const [reference, service, rest = ''] of text.matchAll(REFERENCE))
    values.push(await secretValue(reader, { reference, service, rest }));
  const resolved = text.replace(REFERENCE, () => values.shift()!);
  if (hasDynamicReference(resolved)) throw invalid(`Incorrect format of the dynamic reference ${text}`);
  return resolved;
}

type Reference = { readonly reference: string; readonly service: string | undefined; readonly rest: string };

async function secretValue({ kernel, place, principal }: Reader, { reference, service, rest }: Reference) {
  if (service !== 'secretsmanager')
    throw new AwsError('NotModelled', `The sandbox does not model the dynamic reference ${reference}`, 501);
  const parts = rest.split(':');
  const SecretId = parts.splice(0, rest.startsWith('arn:') ? 7 : 1).join(':');
  const [form = 'SecretString', key = '', stage = '', version = '', ...more] = parts;
  if (SecretId === '' || form !== 'SecretString' || more.length > 0 || (stage !== '' && version !== ''))
    throw invalid(`Incorrect format of the dynamic reference ${reference}`);
  const { SecretString } = await kernel.call<object, { SecretString?: string }>(
    principal,
    place,
    'secretsmanager',
    'GetSecretValue',
    { SecretId, ...(stage !== '' && { VersionStage: stage }), ...(version !== '' && { VersionId: version }) },
  );
  if (SecretString === undefined) throw invalid(`The secret of ${reference} has no SecretString`);
  return key === '' ? SecretString : valueOfKey(SecretString, key, reference);
}

/** Returns the value of a key. The error messages are CloudFormation's, and never contain the secret. */
function valueOfKey(text: string, key: string, reference: string): string {
  const parsed = parsedObject(text);
  if (!parsed) throw invalid(`Could not parse SecretString JSON of ${reference}`);
  const value = parsed[key];
  if (value === undefined)
    throw invalid(`Could not find a value associated with JSONKey in SecretString: ${reference}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (message: string) => new AwsError('ValidationError', message);
