import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { kmsPage } from './keys.ts';
import { kmsNeed } from './needs.ts';
import {
  type AliasRecord,
  checkNotPendingDeletion,
  existingKey,
  type KmsAt,
  type KmsState,
  kmsArn,
  kmsNotFound,
} from './state.ts';

export function createAlias(name: string | undefined, targetKeyId: string | undefined, at: KmsAt): AliasRecord {
  if (name === undefined || !/^alias\/[\w/-]{1,250}$/.test(name))
    throw new AwsError(
      'InvalidAliasNameException',
      `Alias must start with the prefix "alias/". Please see the documentation: ${name}`,
    );
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
  const arn = kmsArn(at, name);
  if (at.state.aliases.has(name))
    throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
  const key = existingKey(at.kernel, at, targetKeyId ?? '');
  checkNotPendingDeletion(key);
  const alias = { name, arn, keyId: key.id, createdAt: new Date(at.kernel.clock.now()) };
  at.state.aliases.set(name, alias);
  return alias;
}

function existingAlias(name: string | undefined, at: KmsAt): AliasRecord {
  const alias = at.state.aliases.get(name ?? '');
  if (!alias) throw kmsNotFound(`Alias ${kmsArn(at, name ?? '')} is not found.`);
  return alias;
}

/** An alias has no policy. */
const aliasNeeds = (action: string, name: string | undefined, keyIds: readonly string[], at: KmsAt): Need[] => [
  { action, resource: kmsArn(at, name ?? '') },
  ...keyIds.map((id) => kmsNeed(existingKey(at.kernel, at, id), action)),
];

export const aliasOperations: ServiceOperations<typeof sdk, KmsState> = {
  CreateAlias: {
    needs: (input, at) => aliasNeeds('kms:CreateAlias', input.AliasName, [input.TargetKeyId ?? ''], at),
    run(input, at) {
      createAlias(input.AliasName, input.TargetKeyId, at);
      return {};
    },
  },
  UpdateAlias: {
    needs: (input, at) => {
      const keys = [existingAlias(input.AliasName, at).keyId, input.TargetKeyId ?? ''];
      return aliasNeeds('kms:UpdateAlias', input.AliasName, keys, at);
    },
    run(input, at) {
      const key = existingKey(at.kernel, at, input.TargetKeyId ?? '');
      checkNotPendingDeletion(key);
      existingAlias(input.AliasName, at).keyId = key.id;
      return {};
    },
  },
  DeleteAlias: {
    needs: (input, at) =>
      aliasNeeds('kms:DeleteAlias', input.AliasName, [existingAlias(input.AliasName, at).keyId], at),
    run(input, at) {
      at.state.aliases.delete(existingAlias(input.AliasName, at).name);
      return {};
    },
  },
  ListAliases: {
    run(input, at) {
      const onlyKeyId = input.KeyId === undefined ? undefined : existingKey(at.kernel, at, input.KeyId).id;
      const aliases = [...at.state.aliases.values()].filter(
        ({ keyId }) => onlyKeyId === undefined || keyId === onlyKeyId,
      );
      const { items, ...rest } = kmsPage(aliases, input);
      const Aliases = items.map(({ name, arn, keyId, createdAt }) => ({
        AliasName: name,
        AliasArn: arn,
        TargetKeyId: keyId,
        CreationDate: createdAt,
        LastUpdatedDate: createdAt,
      }));
      return { Aliases, ...rest };
    },
  },
};
