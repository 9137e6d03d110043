import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CHAIN_PREFIX, headOf, linkName, sequenceOf } from '../domain/audit-chain.ts';
import type { AuditChain } from '../ports/audit-chain.ts';
import { putOnce } from './locked-objects.ts';

const client = new S3Client({ maxAttempts: 3 });

export const s3AuditChain = (Bucket: string): AuditChain => ({
  async head() {
    // Objects that are not links may be there: a thief of this function's session could write them, and nobody can
    // delete them.
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: CHAIN_PREFIX }));
    const Key = Contents.find(({ Key }) => sequenceOf(Key!) !== undefined)?.Key;
    const sequence = Key && sequenceOf(Key);
    if (!Key || !sequence) return undefined;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return headOf(sequence, await Body!.transformToString());
  },
  add: (sequence, text) => putOnce(Bucket, linkName(sequence), text),
});
