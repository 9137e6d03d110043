/** Upgrades of an installation in the sandbox, in the order of docs/upgrade.md. */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { permissionsMark, VERSION_TAG } from '../../functions/domain/role-version.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import type { IamStatement } from '../../sandbox/authorization/policy.ts';
import { deployAssembly } from '../../sandbox/cloudformation/index.ts';
import { LAB_NAMES } from './lab-names.ts';
import type { RunningOrganization } from './organization.ts';

const PAGE = await readFile(new URL('../../docs/upgrade.md', import.meta.url), 'utf8');
/** Stacks as the page has them, such as `SutureRemediations-*`: the member role first. */
export const UPGRADE_ORDER = [...PAGE.matchAll(/^\| \d+[a-z]? \| `(\S+)` \|/gm)].map(([, name]) => name!);
export const MEMBER_ROLE_STACKS: ReadonlySet<string> = new Set([
  'SutureOrgRollout',
  'SutureRoleProtection',
  'SutureManagementRole',
  'SutureMemberRole',
]);

export const matchesStack = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

export async function stacksOf(directory: string): Promise<string[]> {
  const { artifacts } = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
  return Object.keys(artifacts).filter((id) => artifacts[id].type === 'aws:cloudformation:stack');
}

/** Between two stacks, so that executions go on with half of the upgrade. */
const BETWEEN_STACKS_MS = 5_000;

/**
 * Deploys the stacks of an assembly, one pattern after the other.
 * @param after runs after each pattern, before the next
 */
export async function deployInOrder(
  { sandbox, context }: RunningOrganization,
  directory: string,
  patterns: readonly string[] = UPGRADE_ORDER,
  after: (pattern: string) => Promise<void> = async () => {},
): Promise<void> {
  const stacks = await stacksOf(directory);
  for (const pattern of patterns) {
    const only = stacks.filter((name) => matchesStack(pattern, name));
    if (only.length === 0) continue;
    await deployAssembly(sandbox.kernel, directory, { memberAccounts: [], homeRegion: context.homeRegion, only });
    await after(pattern);
    await sandbox.kernel.clock.advance(BETWEEN_STACKS_MS);
  }
}

/** Returns an assembly whose member role was made before the remediation: it has neither its permissions nor its mark. */
export async function withoutRemediation(directory: string, id: string): Promise<string> {
  const older = join(import.meta.dirname, '../../.build', `older-role-${basename(directory)}`);
  await rm(older, { recursive: true, force: true });
  await mkdir(older, { recursive: true });
  for (const name of await readdir(directory)) {
    if (!/^Suture(MemberRole|OrgRollout)\.template\.json$/.test(name)) {
      await symlink(resolve(directory, name), join(older, name));
      continue;
    }
    const template = JSON.parse(await readFile(join(directory, name), 'utf8'));
    await writeFile(join(older, name), JSON.stringify(olderTemplate(template, id)));
  }
  return older;
}

/** Returns an assembly whose stacks of remediations lack the alias by which the proxy invokes this one. */
export async function withoutAlias(directory: string, id: string): Promise<string> {
  const functionName = LAB_NAMES.remediationFunction(id);
  for (const stack of (await stacksOf(directory)).filter((name) => name.startsWith(LAB_NAMES.stack('Remediations-')))) {
    const text = await readFile(join(directory, `${stack}.template.json`), 'utf8');
    if (text.includes(`"${functionName}"`))
      return withTemplate(directory, stack, JSON.stringify(withoutAliasOf(JSON.parse(text), functionName)));
  }
  throw new Error(`No stack of ${directory} has ${functionName}`);
}

/** Returns an assembly in which one stack has another template. */
export async function withTemplate(directory: string, stack: string, template: string): Promise<string> {
  const changed = join(import.meta.dirname, '../../.build', `changed-${stack}-${basename(directory)}`);
  await rm(changed, { recursive: true, force: true });
  await mkdir(changed, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name === `${stack}.template.json`) await writeFile(join(changed, name), template);
    else await symlink(resolve(directory, name), join(changed, name));
  }
  return changed;
}

function withoutAliasOf({ Resources, ...template }: CfnTemplate, functionName: string): CfnTemplate {
  const [id] = Object.entries(Resources).find(([, { Properties }]) => Properties?.FunctionName === functionName)!;
  const [alias] = Object.entries(Resources).find(
    ([, { Type, Properties }]) => Type === 'AWS::Lambda::Alias' && Properties.FunctionName.Ref === id,
  )!;
  const kept = Object.entries(Resources).filter(
    ([name, each]) => name !== alias && !JSON.stringify(each).includes(`"${alias}"`),
  );
  return { ...template, Resources: Object.fromEntries(kept) };
}

type TemplateResource = { readonly Type: string; readonly Properties: any };
type CfnTemplate = { readonly Resources: Readonly<Record<string, TemplateResource>> };

const olderTemplate = (template: CfnTemplate, id: string): CfnTemplate => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).map(([name, resource]) => [name, olderResource(resource, id)]),
  ),
});

function olderResource({ Type, Properties, ...resource }: TemplateResource, id: string): TemplateResource {
  return { ...resource, Type, Properties: { ...Properties, ...olderProperties(Type, Properties, id) } };
}

function olderProperties(type: string, properties: any, id: string): object {
  if (type === 'AWS::CloudFormation::StackSet' && properties.TemplateBody !== undefined)
    return { TemplateBody: JSON.stringify(olderTemplate(JSON.parse(properties.TemplateBody), id)) };
  if (type === 'AWS::IAM::ManagedPolicy' && !/-boundary$/.test(properties.ManagedPolicyName)) {
    const { Statement, ...document } = properties.PolicyDocument;
    return {
      PolicyDocument: { ...document, Statement: Statement.flatMap((each: IamStatement) => withoutTag(each, id)) },
    };
  }
  if (type !== 'AWS::IAM::Role' || !properties.Tags) return {};
  const mark = permissionsMark(REMEDIATIONS.find((each) => each.id === id)!);
  const without = (value: string) =>
    value
      .split(' ')
      .filter((each) => each !== mark)
      .join(' ');
  return {
    Tags: properties.Tags.map(({ Key, Value }: { Key: string; Value: string }) => ({
      Key,
      Value: Key.startsWith(VERSION_TAG) ? without(Value) : Value,
    })),
  };
}

/** Takes the remediation's tag out of the condition; a statement of that tag alone goes. */
function withoutTag(statement: IamStatement, id: string): IamStatement[] {
  const equals = statement.Condition?.StringEquals;
  const [key, tags] = Object.entries(equals ?? {})[0] ?? [];
  if (!key?.startsWith('aws:PrincipalTag/suture:')) return [statement];
  const others = [tags!].flat().filter((tag) => tag !== id);
  if (others.length === 0) return [];
  return [{ ...statement, Condition: { ...statement.Condition, StringEquals: { ...equals, [key]: others } } }];
}
