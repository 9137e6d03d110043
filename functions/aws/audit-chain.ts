import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CHAIN_PREFIX, linkHash, linkName, sequenceOf } from '../domain/audit-chain.ts';
import type { AuditChain } from '../ports/audit-chain.ts';
import { putOnce } from './locked-objects.ts';

const client = new S3Client({ maxAttempts: 3 });

export const s3AuditChain = (Bucket: string): AuditChain => ({
  async head() {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: CHAIN_PREFIX, MaxKeys: 1 }));
    const Key = Contents[0]?.Key;
    const sequence = Key && sequenceOf(Key);
    if (!Key || !sequence) return undefined;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return { sequence, hash: linkHash(await Body!.transformToString()) };
  },
  add: (sequence, text) => putOnce(Bucket, linkName(sequence), text),
});
