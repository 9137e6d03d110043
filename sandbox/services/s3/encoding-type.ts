import { AwsError } from '../../kernel/kernel.ts';

/**
 * Returns how a list writes keys. Clients of Python ask for `url`, because XML cannot hold every character of a key.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 * @throws AwsError InvalidArgument
 */
export function keyEncoding(encodingType: string | undefined): (key: string) => string {
  if (encodingType === undefined) return (key) => key;
  if (encodingType === 'url') return (key) => encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  throw new AwsError('InvalidArgument', 'Invalid Encoding Method specified in Request');
}
