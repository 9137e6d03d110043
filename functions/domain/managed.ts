/** Resources that code manages: who does, and what policy says of changes to them. Pure. */
import * as z from 'zod';
import type { ResourceTags } from '../contract/remediation.ts';
import { holdsTag } from './tag-match.ts';

export const MANAGERS = ['cloudformation', 'terraform', 'other'] as const;
export type Manager = (typeof MANAGERS)[number];

/** From the one that permits most to the one that permits least. */
export const ManagedAction = z.enum(['fix', 'approve', 'notify', 'refuse']);
export type ManagedAction = z.infer<typeof ManagedAction>;
export const DEFAULT_ACTION: ManagedAction = 'notify';

const NamedActions = z.strictObject({
  cloudformation: ManagedAction.optional(),
  terraform: ManagedAction.optional(),
  other: ManagedAction.optional(),
});

/** One action for all managers, or one for each. */
export const ManagedActions = z.union([ManagedAction, NamedActions]);
export type ManagedActions = z.infer<typeof ManagedActions>;

/** Tags by which policy recognizes a manager: `key` or `key=value`. */
const Marks = z.array(z.string().min(1).max(200)).max(20);
export const ManagedTags = z.strictObject({ terraform: Marks.optional(), other: Marks.optional() });
export type ManagedTags = z.infer<typeof ManagedTags>;

/** The rules for one control in one account. The live tags may still change the action. */
export const ManagedDecision = z.object({
  actions: NamedActions.required(),
  tags: z.record(z.string(), ManagedActions).optional(),
  marks: ManagedTags.optional(),
});
export type ManagedDecision = z.infer<typeof ManagedDecision>;

/** A manager of a resource. */
export const Management = z.object({
  manager: z.enum(MANAGERS),
  /** Such as `CloudFormation stack web`. Has no value of a tag, which could be any text. */
  name: z.string(),
  /** ARN of the stack that has the resource, as CloudFormation says or, where nothing depends on it, its tags. */
  stack: z.string().optional(),
  logicalId: z.string().optional(),
  /** The change in the manager's own language, such as `HttpTokens: "required" (AWS::EC2::Instance)`. */
  change: z.string().optional(),
});
export type Management = z.infer<typeof Management>;

export const strictestAction = (actions: readonly ManagedAction[]): ManagedAction =>
  ManagedAction.options.findLast((action) => actions.includes(action)) ?? 'fix';

export const actionOf = (actions: ManagedActions, manager: Manager): ManagedAction | undefined =>
  typeof actions === 'string' ? actions : actions[manager];

/** Whether policy may say something else than `fix` for this manager, by the tags of some resource. */
export const mayRestrict = ({ actions, tags = {} }: ManagedDecision, manager: Manager): boolean =>
  [actions, ...Object.values(tags)].some((each) => (actionOf(each, manager) ?? 'fix') !== 'fix');

/** Returns what policy says of a change to a resource with these managers and tags: the strictest action counts. */
export function managedAction(
  decisions: readonly ManagedDecision[],
  managers: readonly Management[],
  tags: ResourceTags,
): ManagedAction {
  return strictestAction(
    decisions.flatMap((decision) => managers.map(({ manager }) => actionByTags(decision, manager, tags))),
  );
}

/** A rule for a tag precedes the others. If several match, the strictest one counts. */
function actionByTags({ actions, tags: rules = {} }: ManagedDecision, manager: Manager, tags: ResourceTags) {
  const matching = Object.entries(rules)
    .filter(([tag]) => holdsTag(tag, tags))
    .map(([, each]) => actionOf(each, manager))
    .filter((action) => action !== undefined);
  return matching.length > 0 ? strictestAction(matching) : actions[manager];
}

const STACK_ID_KEY = 'aws:cloudformation:stack-id';
const STACK_NAME_KEY = 'aws:cloudformation:stack-name';
const LOGICAL_ID_KEY = 'aws:cloudformation:logical-id';
const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;
const STACK_ARN =
  /^arn:[a-z-]+:cloudformation:([a-z0-9-]+):(\d{12}):stack\/([a-zA-Z][-a-zA-Z0-9]{0,127})\/[0-9a-f-]{36}$/;

export type StackClaim = {
  readonly name: string;
  readonly id?: string;
  readonly logicalId?: string;
  /** When the stack last changed the resource, as CloudFormation says. */
  readonly changedAt?: number;
};

/** Returns the stack that the tags name. Nobody but AWS can write these tags, but a resource that left a stack keeps them. */
export function stackClaim(tags: ResourceTags): StackClaim | undefined {
  const { [STACK_ID_KEY]: id = '', [STACK_NAME_KEY]: named = '', [LOGICAL_ID_KEY]: logicalId } = tags;
  const ofId = STACK_ARN.exec(id);
  const name = ofId?.[3] ?? (STACK_NAME.test(named) ? named : undefined);
  if (name === undefined) return undefined;
  const isLogicalId = logicalId !== undefined && /^[a-zA-Z0-9]{1,255}$/.test(logicalId);
  return { name, ...(ofId && { id }), ...(isLogicalId && { logicalId }) };
}

/** Returns the Region and the account of a stack. */
export function placeOfStack(id: string): { readonly region: string; readonly account: string } | undefined {
  const [, region, account] = STACK_ARN.exec(id) ?? [];
  return region === undefined || account === undefined ? undefined : { region, account };
}

export const managedByStack = ({ id, name, logicalId }: StackClaim): Management => ({
  manager: 'cloudformation',
  name: `CloudFormation stack ${name}${logicalId === undefined ? '' : ` (${logicalId})`}`,
  ...(id !== undefined && { stack: id }),
  ...(logicalId !== undefined && { logicalId }),
});

/** Keys by which teams mark Terraform's resources; the value names Terraform or is `true`. */
const TERRAFORM_KEYS = /^(terraform|managed[-_ ]?by|provisioner|iac|created[-_ ]?by|tool)$/i;

/** Returns the managers that tags name: those of policy's marks, and Terraform by usual tags if policy names none. */
export function managersByTags(tags: ResourceTags, { terraform, other = [] }: ManagedTags = {}): Management[] {
  const ofTerraform = terraform ? terraform.find((mark) => holdsTag(mark, tags)) : usualTerraformTag(tags);
  const ofOther = other.find((mark) => holdsTag(mark, tags));
  return [
    ...(ofTerraform === undefined ? [] : [{ manager: 'terraform' as const, name: `Terraform (tag ${ofTerraform})` }]),
    ...(ofOther === undefined ? [] : [{ manager: 'other' as const, name: `code (tag ${ofOther})` }]),
  ];
}

/** Returns the tag's key, not its value, which could be any text that is addressed to an approver. */
const usualTerraformTag = (tags: ResourceTags): string | undefined =>
  Object.entries(tags).find(
    ([key, value]) =>
      TERRAFORM_KEYS.test(key) && (/terraform|opentofu/i.test(value) || (/^terraform$/i.test(key) && value === 'true')),
  )?.[0];
