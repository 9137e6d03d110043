/** Aliases of keys. */
import type * as sdk from '@aws-sdk/client-kms';
import { AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { page } from './keys.ts';
import { needOn } from './needs.ts';
import { type AliasRecord, checkNotLeaving, type KmsAt, type KmsState, keyAt, kmsArn, notFound } from './state.ts';

/** Makes an alias; what CreateAlias and AWS::KMS::Alias have in common. */
export function createAlias(name: string | undefined, targetKeyId: string | undefined, at: KmsAt): AliasRecord {
  if (name === undefined || !/^alias\/[\w/-]{1,250}$/.test(name)) {
    throw new AwsError(
      'InvalidAliasNameException',
      `Alias must start with the prefix "alias/". Please see the documentation: ${name}`,
    );
  }
  if (name.startsWith('alias/aws/')) {
    throw new AwsError('NotAuthorizedException', '');
  }
  const arn = kmsArn(at, name);
  if (at.state.aliases.has(name)) {
    throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
  }
  const key = keyAt(at.kernel, at, targetKeyId ?? '');
  checkNotLeaving(key);
  const alias = { name, arn, keyId: key.id, createdAt: new Date(at.kernel.clock.now()) };
  at.state.aliases.set(name, alias);
  return alias;
}

function aliasOf(name: string | undefined, at: KmsAt): AliasRecord {
  const alias = at.state.aliases.get(name ?? '');
  if (!alias) throw notFound(`Alias ${kmsArn(at, name ?? '')} is not found.`);
  return alias;
}

/** Both the alias, which identity policies alone decide, and each key. */
const needsOf = (action: string, name: string | undefined, keyIds: readonly string[], at: KmsAt): Need[] => [
  { action, resource: kmsArn(at, name ?? '') },
  ...keyIds.map((id) => needOn(keyAt(at.kernel, at, id), action)),
];

export const aliasOperations: ServiceOperations<typeof sdk, KmsState> = {
  CreateAlias: {
    needs: (input, at) => needsOf('kms:CreateAlias', input.AliasName, [input.TargetKeyId ?? ''], at),
    run(input, at) {
      createAlias(input.AliasName, input.TargetKeyId, at);
      return {};
    },
  },
  UpdateAlias: {
    needs: (input, at) => {
      const keys = [aliasOf(input.AliasName, at).keyId, input.TargetKeyId ?? ''];
      return needsOf('kms:UpdateAlias', input.AliasName, keys, at);
    },
    run(input, at) {
      const key = keyAt(at.kernel, at, input.TargetKeyId ?? '');
      checkNotLeaving(key);
      aliasOf(input.AliasName, at).keyId = key.id;
      return {};
    },
  },
  DeleteAlias: {
    needs: (input, at) => needsOf('kms:DeleteAlias', input.AliasName, [aliasOf(input.AliasName, at).keyId], at),
    run(input, at) {
      at.state.aliases.delete(aliasOf(input.AliasName, at).name);
      return {};
    },
  },
  ListAliases: {
    run(input, at) {
      const only = input.KeyId === undefined ? undefined : keyAt(at.kernel, at, input.KeyId).id;
      const aliases = [...at.state.aliases.values()].filter(({ keyId }) => only === undefined || keyId === only);
      const { items, ...rest } = page(aliases, input);
      const shown = items.map(({ name, arn, keyId, createdAt }) => ({
        AliasName: name,
        AliasArn: arn,
        TargetKeyId: keyId,
        CreationDate: createdAt,
        LastUpdatedDate: createdAt,
      }));
      return { Aliases: shown, ...rest };
    },
  },
};
