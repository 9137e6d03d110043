import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/**
 * Clients verify this digest.
 * Source: "Calculating the MD5 message digest for message attributes", SQS developer guide.
 */
export function md5OfAttributes(
  attributes: Readonly<Record<string, MessageAttributeValue>> | undefined,
): string | undefined {
  const names = Object.keys(attributes ?? {}).sort();
  if (!attributes || names.length === 0) return undefined;
  const hash = createHash('md5');
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    hash.update(withLength(Buffer.from(name)));
    hash.update(withLength(Buffer.from(DataType ?? '')));
    hash.update(Buffer.from([BinaryValue ? 2 : 1]));
    hash.update(withLength(BinaryValue ? Buffer.from(BinaryValue) : Buffer.from(StringValue ?? '')));
  }
  return hash.digest('hex');
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
