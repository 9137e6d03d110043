/** Tags of the whole installation. */
import { type App, RemovalPolicies, Stack, Tags } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SutureContext } from '../context.ts';
import { lambdaLacks } from '../regions.ts';

export const TRIAL_TAG = 'suture:trial';

/** Puts the tags of the context on every resource below `scope` that takes tags. A resource keeps its own tags. */
export function addTags(scope: IConstruct, context: TagContext & Pick<SutureContext, 'homeRegion'>): void {
  const excludeResourceTypes = lambdaLacks(context.homeRegion).includes('mappingTags')
    ? ['AWS::Lambda::EventSourceMapping']
    : [];
  for (const [key, value] of Object.entries(tagsOf(context))) Tags.of(scope).add(key, value, { excludeResourceTypes });
}

type TagContext = Pick<SutureContext, 'tags' | 'trial'>;

export const tagsOf = ({ tags, trial }: TagContext): Readonly<Record<string, string>> => ({
  ...tags,
  ...(trial && { [TRIAL_TAG]: 'true' }),
});

/**
 * Says in the description of each stack that it belongs to a trial. Deleting the stacks removes tables and keys too, but
 * not the bucket of copies, whose objects nobody can delete. Call it after the last stack was added.
 */
export function finishTrial(app: App): void {
  RemovalPolicies.of(app).destroy({ excludeResourceTypes: ['AWS::S3::Bucket'] });
  for (const stack of app.node.findAll().filter(Stack.isStack))
    stack.templateOptions.description = `TRIAL, not for production. ${stack.templateOptions.description ?? ''}`.trim();
}
