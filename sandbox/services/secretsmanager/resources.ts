/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
import * as z from 'zod';
import type { CreatedResource, ResourceName, ResourceType } from '../../kernel/kernel.ts';
import { parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { notModelled } from '../requests.ts';
import type { SecretsAt, SecretsState } from './state.ts';

const TYPE = 'AWS::SecretsManager::Secret';
const secretProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  KmsKeyId: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: z.unknown().optional(),
  Tags: tagsSchema.optional(),
});

export const secretResources: Readonly<Record<string, ResourceType<SecretsState>>> = {
  [TYPE]: {
    create: async (properties, at, resource) => {
      const { Name, ...secret } = parsed(properties, resource);
      return created(
        await call(at, 'CreateSecret', { Name: Name ?? physicalName(at.kernel, resource, '', 64), ...secret }),
      );
    },
    update: async (existing, properties, at, resource) => {
      const { Name, Tags, ...secret } = parsed(properties, resource);
      if (Name !== undefined && !existing.ref.includes(`:secret:${Name}-`))
        throw notModelled(`the replacement of ${resource.logicalId} (${TYPE}) under another name`);
      if (Tags) await call(at, 'TagResource', { SecretId: existing.ref, Tags });
      return created(await call(at, 'UpdateSecret', { SecretId: existing.ref, ...secret }));
    },
    remove: async (existing, at) => void (await call(at, 'DeleteSecret', { SecretId: existing.ref })),
  },
};

function parsed(properties: unknown, resource: ResourceName) {
  const { GenerateSecretString, ...secret } = parseProperties(TYPE, secretProperties, properties, resource);
  if (GenerateSecretString !== undefined) throw notModelled(`GenerateSecretString of ${resource.logicalId} (${TYPE})`);
  return secret;
}

const created = ({ ARN }: { readonly ARN: string }): CreatedResource => ({ ref: ARN, attributes: { Id: ARN } });

const call = (at: SecretsAt, operation: string, input: object): Promise<{ ARN: string }> =>
  at.kernel.call<object, { ARN: string }>(at.principal, at, 'secretsmanager', operation, input);
