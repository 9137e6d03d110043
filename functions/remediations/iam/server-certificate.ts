/** A server certificate of IAM by its ARN. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html */
import {
  DeleteServerCertificateCommand,
  GetServerCertificateCommand,
  type IAMClient,
  paginateListServerCertificates,
  type ServerCertificateMetadata,
} from '@aws-sdk/client-iam';
import { errorClause, isNamed } from '../../contract/errors.ts';
import { arn, type Place, type Refusal, type ResourceTags, refused } from '../../contract/remediation.ts';
import { tagsOfList } from '../kit/tag-list.ts';
import { ifExists } from './user.ts';

export const CERTIFICATE_ARN = 'arn:{partition}:iam::{account}:server-certificate/{certificate}';
/** `certificate` is path and name, because IAM authorizes calls by that ARN. */
export const serverCertificate = arn('AwsIamServerCertificate', CERTIFICATE_ARN, {
  certificate: /(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,128}/,
});

type CertificateTarget = { readonly certificate: string };
type CertificateContext = Place & { readonly iam: IAMClient; readonly target: CertificateTarget };

/** Returns the name without its path: operations take it alone. */
export const certificateName = ({ certificate }: CertificateTarget): string =>
  certificate.slice(certificate.lastIndexOf('/') + 1);

/** Returns undefined if it is gone. A name is unique in the account, whatever the path. */
export async function findCertificate(context: CertificateContext): Promise<ServerCertificateMetadata | undefined> {
  const { iam, partition, account, target } = context;
  const arn = `arn:${partition}:iam::${account}:server-certificate/${target.certificate}`;
  for await (const { ServerCertificateMetadataList = [] } of paginateListServerCertificates({ client: iam }, {})) {
    const found = ServerCertificateMetadataList.find(({ Arn }) => Arn === arn);
    if (found) return found;
  }
  return undefined;
}

/** IAM itself refuses to delete a certificate that a load balancer or CloudFront uses, in whatever Region. */
export async function deleteCertificate(context: CertificateContext): Promise<Refusal | undefined> {
  try {
    await context.iam.send(
      new DeleteServerCertificateCommand({ ServerCertificateName: certificateName(context.target) }),
    );
  } catch (error) {
    if (isNamed(error, 'DeleteConflictException')) return refused(`IAM does not delete it: ${errorClause(error)}`);
    if (!isNamed(error, 'NoSuchEntityException')) throw error;
  }
  return undefined;
}

export async function certificateTags(context: CertificateContext): Promise<ResourceTags> {
  const command = new GetServerCertificateCommand({ ServerCertificateName: certificateName(context.target) });
  return tagsOfList((await ifExists(context.iam.send(command)))?.ServerCertificate?.Tags);
}
