import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { SecretsState, StoredSecret } from './state.ts';

const comparable = ({ secrets }: SecretsState): unknown => ({
  secrets: new Map([...secrets].map(([name, secret]) => [name, comparableSecret(secret)])),
});

const comparableSecret = ({
  arn,
  createdAt,
  changedAt,
  goneAt,
  deletedAt,
  versions,
  policy,
  ...secret
}: StoredSecret) => ({
  ...secret,
  policy: policy?.text,
  isDeleted: goneAt !== undefined,
  generated: generated({ arn, createdAt, changedAt, goneAt, deletedAt }),
  versions: versions.map(({ value, stages, ...version }) => ({ value, stages, version: generated(version) })),
});

/** AWS appends a hyphen and six characters to the name. */
function locate(arn: string): readonly RecordPath[] {
  const { resource } = parseArn(arn);
  return resource.startsWith('secret:') ? [['secrets', resource.slice('secret:'.length, -7)]] : [];
}

export const secretsComparison = { comparable, locate };
