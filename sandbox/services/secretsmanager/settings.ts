/** Tags and resource policies of secrets. */
import { AwsError } from '../../kernel/kernel.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { recordTagContext } from '../../records/tags.ts';
import { bindPolicyText, unbindPolicyText } from '../iam/bound-policy.ts';
import { onlyMembers } from '../requests.ts';
import { existingSecret, secretNeed, usableSecret } from './access.ts';
import type { SecretsOperations } from './state.ts';

const MAX_TAGS = 50;

const MALFORMED = 'MalformedPolicyDocumentException';
const invalidPrincipal = (name: string) =>
  new AwsError(MALFORMED, `This resource policy contains an unsupported principal: ${name}.`);

export const secretSettingOperations: SecretsOperations = {
  TagResource: {
    needs: (input, at) => [secretNeed(at, input, 'TagResource', recordTagContext(TAG_LIST.read(input.Tags)))],
    run: (input, at) => {
      const secret = usableSecret(at, input.SecretId);
      const tags = { ...secret.tags, ...TAG_LIST.read(input.Tags) };
      if (Object.keys(tags).length > MAX_TAGS)
        throw new AwsError('InvalidParameterException', `A secret has at most ${MAX_TAGS} tags.`);
      at.state.secrets.set(secret.name, { ...secret, tags });
      return {};
    },
  },
  UntagResource: {
    needs: (input, at) => [secretNeed(at, input, 'UntagResource', { 'aws:TagKeys': input.TagKeys ?? [] })],
    run: (input, at) => {
      const secret = usableSecret(at, input.SecretId);
      const left = Object.entries(secret.tags).filter(([key]) => !input.TagKeys?.includes(key));
      at.state.secrets.set(secret.name, { ...secret, tags: Object.fromEntries(left) });
      return {};
    },
  },
  GetResourcePolicy: {
    needs: (input, at) => [secretNeed(at, input, 'GetResourcePolicy')],
    run: (input, at) => {
      const { arn, name, policy } = existingSecret(at, input.SecretId);
      const text = policy && unbindPolicyText(at.kernel, policy.text, policy.names);
      return { ARN: arn, Name: name, ...(text !== undefined && { ResourcePolicy: text }) };
    },
  },
  PutResourcePolicy: {
    needs: (input, at) => [
      secretNeed(at, input, 'PutResourcePolicy', {
        'secretsmanager:BlockPublicPolicy': String(input.BlockPublicPolicy ?? false),
      }),
    ],
    run: (input, at) => {
      onlyMembers('PutResourcePolicy', input, ['SecretId', 'ResourcePolicy']);
      const secret = usableSecret(at, input.SecretId);
      const policy = bindPolicyText(at.kernel, input.ResourcePolicy ?? '', MALFORMED, invalidPrincipal);
      at.state.secrets.set(secret.name, { ...secret, policy });
      return { ARN: secret.arn, Name: secret.name };
    },
  },
  DeleteResourcePolicy: {
    needs: (input, at) => [secretNeed(at, input, 'DeleteResourcePolicy')],
    run: (input, at) => {
      const secret = usableSecret(at, input.SecretId);
      at.state.secrets.set(secret.name, { ...secret, policy: undefined });
      return { ARN: secret.arn, Name: secret.name };
    },
  },
};
