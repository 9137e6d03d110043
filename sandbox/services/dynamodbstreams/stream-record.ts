/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
import type { AwsPlace } from '../../kernel/kernel.ts';
import { toWire } from '../dynamodb/dynalite.ts';
import type { StreamRecord, TableStream } from './state.ts';

export const SHARD_ID = 'shardId-00000000000000000001-00000001';

const SEQUENCE_DIGITS = 21;
export const sequenceNumber = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');

export type ApiRecord = ReturnType<typeof apiRecord>;

export function apiRecord({ view }: TableStream, record: StreamRecord, { region }: AwsPlace) {
  const { id, at, change, keys, before, after, sequence, isExpiry } = record;
  const hasOld = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES';
  const hasNew = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES';
  const images = { ...(hasOld && before && { OldImage: before }), ...(hasNew && after && { NewImage: after }) };
  return {
    eventID: id,
    eventName: change,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: new Date(Math.floor(at / 1000) * 1000),
      Keys: keys,
      ...images,
      SequenceNumber: sequenceNumber(sequence),
      SizeBytes: JSON.stringify(toWire({ keys, ...images })).length,
      StreamViewType: view,
    },
    ...(isExpiry && { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }),
  };
}
