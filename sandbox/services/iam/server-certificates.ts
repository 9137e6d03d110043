/** Server certificates. The sandbox neither checks that a private key belongs to its certificate, nor keeps the key. */
import { X509Certificate } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-iam';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { REGIONS } from '../ec2/account-settings.ts';
import { ELBV2 } from '../elbv2/state.ts';
import { iamNeeds } from './needs.ts';
import {
  checkIamName,
  checkIamPath,
  checkIamQuota,
  iamPage,
  iamTagList,
  mergeTags,
  requestTagContext,
  uniqueId,
} from './requests.ts';
import {
  alreadyExists,
  type IamAt,
  type IamState,
  iamArn,
  noSuchEntity,
  type ServerCertificateRecord,
} from './state.ts';

const MAX_CERTIFICATES = 20;

const needsOnCertificate = (action: string) => (input: { ServerCertificateName: string | undefined }, at: IamAt) =>
  iamNeeds(
    at,
    action,
    'server-certificate',
    input.ServerCertificateName,
    at.state.serverCertificates.get(input.ServerCertificateName ?? ''),
  );

export const serverCertificateOperations: ServiceOperations<typeof sdk, IamState> = {
  UploadServerCertificate: {
    needs: needsOnCertificate('UploadServerCertificate'),
    run: (input, at) => {
      const certificate = uploadCertificate(input, at);
      return { ServerCertificateMetadata: metadataOf(certificate), Tags: iamTagList(certificate.tags) };
    },
  },
  GetServerCertificate: {
    needs: needsOnCertificate('GetServerCertificate'),
    run: (input, at) => {
      const certificate = existingCertificate(input.ServerCertificateName, at);
      const ServerCertificate = {
        ServerCertificateMetadata: metadataOf(certificate),
        CertificateBody: certificate.body,
        CertificateChain: certificate.chain,
        Tags: iamTagList(certificate.tags),
      };
      return { ServerCertificate };
    },
  },
  ListServerCertificates: {
    run: (input, at) => {
      const { PathPrefix = '/' } = input;
      const own = [...at.state.serverCertificates.values()].filter(({ path }) => path.startsWith(PathPrefix));
      const { items, ...rest } = iamPage(own, input);
      return { ServerCertificateMetadataList: items.map(metadataOf), ...rest };
    },
  },
  TagServerCertificate: {
    needs: (input, at) =>
      iamNeeds(
        at,
        'TagServerCertificate',
        'server-certificate',
        input.ServerCertificateName,
        at.state.serverCertificates.get(input.ServerCertificateName ?? ''),
        requestTagContext(input.Tags),
      ),
    run(input, at) {
      const certificate = existingCertificate(input.ServerCertificateName, at);
      certificate.tags = mergeTags(input.Tags, certificate.tags);
      return {};
    },
  },
  DeleteServerCertificate: {
    needs: needsOnCertificate('DeleteServerCertificate'),
    run: (input, at) => {
      const certificate = existingCertificate(input.ServerCertificateName, at);
      const loadBalancer = loadBalancerWith(certificate, at);
      if (loadBalancer !== undefined)
        throw new AwsError(
          'DeleteConflict',
          `Certificate: ${certificate.id} is currently in use by ${loadBalancer}. Please remove it first before deleting it from IAM.`,
          409,
        );
      at.state.serverCertificates.delete(certificate.name);
      return {};
    },
  },
};

/** Returns the ARN of a load balancer, in any Region, with a listener that uses the certificate. */
function loadBalancerWith({ arn }: ServerCertificateRecord, at: IamAt): string | undefined {
  const listeners = REGIONS.flatMap((region) => [...at.kernel.state(ELBV2, { ...at, region }).listeners.values()]);
  return listeners.find(({ certificate }) => certificate === arn)?.balancer;
}

/** AWS accepts a certificate only while it is valid. */
function uploadCertificate(input: sdk.UploadServerCertificateCommandInput, at: IamAt): ServerCertificateRecord {
  const name = checkIamName(input.ServerCertificateName, 'serverCertificateName', 128);
  const { serverCertificates } = at.state;
  if (serverCertificates.has(name)) throw alreadyExists(`The Server Certificate with name ${name}`);
  checkIamQuota(serverCertificates.size + 1, MAX_CERTIFICATES, 'ServerCertificatesPerAccount');
  const path = checkIamPath(input.Path);
  const { validFrom, validTo } = parseCertificate(input.CertificateBody);
  const now = at.kernel.clock.now();
  if (now < Date.parse(validFrom) || now > Date.parse(validTo))
    throw new AwsError('MalformedCertificate', `The certificate is valid from ${validFrom} to ${validTo} only.`);
  const certificate: ServerCertificateRecord = {
    name,
    path,
    arn: iamArn(at, 'server-certificate', name, path),
    id: uniqueId(at.kernel, 'ASCA'),
    createdAt: new Date(now),
    expiresAt: new Date(validTo),
    body: input.CertificateBody!,
    tags: mergeTags(input.Tags),
    ...(input.CertificateChain && { chain: input.CertificateChain }),
  };
  serverCertificates.set(name, certificate);
  return certificate;
}

function parseCertificate(body: string | undefined): X509Certificate {
  try {
    return new X509Certificate(body ?? '');
  } catch {
    throw new AwsError(
      'MalformedCertificate',
      'Unable to parse certificate. Please ensure the certificate is in PEM format.',
    );
  }
}

function existingCertificate(name: string | undefined, { state }: IamAt): ServerCertificateRecord {
  const certificate = state.serverCertificates.get(name ?? '');
  if (!certificate) throw noSuchEntity(`The Server Certificate with name ${name}`);
  return certificate;
}

const metadataOf = (certificate: ServerCertificateRecord): sdk.ServerCertificateMetadata => ({
  ServerCertificateName: certificate.name,
  Path: certificate.path,
  Arn: certificate.arn,
  ServerCertificateId: certificate.id,
  UploadDate: certificate.createdAt,
  Expiration: certificate.expiresAt,
});
