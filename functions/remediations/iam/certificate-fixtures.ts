/** Server certificates for scenarios, uploaded as an administrator of the account. */
import { type IAMClient, TagServerCertificateCommand, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import type { FindingResource, ResourceTags } from '../../contract/remediation.ts';
import type { AddTags, ScenarioContext } from '../../contract/scenario.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { certificateName } from './server-certificate.ts';

type CertificateTarget = { readonly certificate: string };
type CertificateContext = ScenarioContext<CertificateTarget>;

/** Of shop.example, valid from 2010 to 2021. */
export const EXPIRED = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBFTCBvAIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxzaG9wLmV4YW1wbGUw',
  'HhcNMTAwMTAxMDAwMDAwWhcNMjIwMTAxMDAwMDAwWjAXMRUwEwYDVQQDDAxzaG9w',
  'LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASdvwadyAfWKKKjWWwt',
  'j8n3CK0fSUq86O/x5+FUILVWjtiLN1+sgdnx6+P5AwKV3x9ZvkxtkS4LlhmykCZQ',
  'haHsMAoGCCqGSM49BAMCA0gAMEUCIQCyHYuN7SrJxLJqbFiLTIZaaZeWm9QjV4pc',
  '6yA9UpUmgwIgDRGNmfgVPJvHbMzvUvWzDo7FP6pMg/MvSEPq0TYdlvQ=',
  '-----END CERTIFICATE-----',
].join('\n');

/** Of shop.example, valid from 2010 to 2099. */
export const VALID = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBFzCBvgIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxzaG9wLmV4YW1wbGUw',
  'IBcNMTAwMTAxMDAwMDAwWhgPMjA5OTEyMzEwMDAwMDBaMBcxFTATBgNVBAMMDHNo',
  'b3AuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJ2/Bp3IB9YooqNZ',
  'bC2PyfcIrR9JSrzo7/Hn4VQgtVaO2Is3X6yB2fHr4/kDApXfH1m+TG2RLguWGbKQ',
  'JlCFoewwCgYIKoZIzj0EAwIDSAAwRQIhAIMGL0XMoXdvCfIfk4mepkVHFQphb+Pq',
  'aJ4938JfmFCaAiATmwM3tJ0JcT0vFy1gUDRTqryzA91KpFP4teyWWHHp1A==',
  '-----END CERTIFICATE-----',
].join('\n');

/** How long ago the certificates are uploaded: IAM takes only valid ones, and both were valid then. */
const UPLOAD_DAYS = 12 * 365;

export type NewCertificate = { readonly body: string; readonly path?: string; readonly tags?: ResourceTags };

export async function uploadCertificate(
  { iam }: { readonly iam: IAMClient },
  context: CertificateContext,
  { body, path = '/', tags = {} }: NewCertificate,
): Promise<FindingResource> {
  const named = context.target?.certificate ?? `${path.slice(1)}${context.name}`;
  const command = new UploadServerCertificateCommand({
    ServerCertificateName: certificateName({ certificate: named }),
    Path: `/${named.slice(0, named.lastIndexOf('/') + 1)}`,
    CertificateBody: body,
    PrivateKey: 'the sandbox does not read it',
    Tags: listOfTags(tags),
  });
  await context.ago(UPLOAD_DAYS, () => iam.send(command));
  return certificateResource(context, named);
}

export const tagCertificate: AddTags<{ readonly iam: IAMClient }, CertificateTarget> = ({ iam }, { target }, tags) =>
  iam.send(new TagServerCertificateCommand({ ServerCertificateName: certificateName(target), Tags: listOfTags(tags) }));

export const certificateResource = (context: CertificateContext, named = context.name): FindingResource => ({
  Type: 'AwsIamServerCertificate',
  Id: `arn:${context.partition}:iam::${context.account}:server-certificate/${named}`,
  Partition: context.partition,
  Region: context.region,
});
