/** Types of CloudFormation itself. */
import * as z from 'zod';
import { deleteStack, deployTemplate } from '../../cloudformation/deploy.ts';
import type { CloudFormationState } from '../../cloudformation/stacks.ts';
import type { ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { templateAt } from './template-url.ts';

const NESTED_STACK = 'AWS::CloudFormation::Stack';
const nestedStackSchema = z.strictObject({ TemplateURL: z.string() });

export const cloudformationResources: Record<string, ResourceType<CloudFormationState>> = {
  // CDK adds this resource to every stack for its analytics. It has no effect.
  'AWS::CDK::Metadata': {
    create: (_properties, _at, resource) => ({ ref: resource.logicalId }),
    update: (existing) => existing,
    remove: () => {},
  },
  // A URL that somebody may signal. Nothing waits for it without a wait condition.
  'AWS::CloudFormation::WaitConditionHandle': {
    create: (_properties, _at, { stack, logicalId }) => ({
      ref: `https://cloudformation-waitcondition.example.com/${stack}/${logicalId}`,
    }),
    remove: () => {},
  },
  [NESTED_STACK]: {
    async create(input, at, resource) {
      const { TemplateURL } = parseProperties(NESTED_STACK, nestedStackSchema, input, resource);
      const name = physicalName(at.kernel, resource, '', 128);
      const options = { as: at.principal, parent: resource.stack };
      const template = JSON.parse(await templateAt(TemplateURL, at));
      const { id } = await deployTemplate(at.kernel, at, name, template, options);
      return { ref: id };
    },
    remove: (existing, at) => deleteStack(at.kernel, at, existing.ref.split('/')[1]!, at.principal),
  },
};
