import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteServerCertificateCommand,
  GetServerCertificateCommand,
  IAMClient,
  ListEntitiesForPolicyCommand,
  ListServerCertificatesCommand,
  TagServerCertificateCommand,
  UploadServerCertificateCommand,
} from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

/** It was valid in 2020 and until December 2025. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBHDCBxAIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBzaG9wLmV4YW1wbGUu
Y29tMB4XDTIwMDEwMTAwMDAwMFoXDTI1MTIwMTAwMDAwMFowGzEZMBcGA1UEAwwQ
c2hvcC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNNIpHDr
Q8NSISSBZtFYIanip7SyyT0Fbr9hRfghJMHCj60km2oeZaJtqhY2tNkH6VxDM3Ju
vLpKW2ozU15C9Z0wCgYIKoZIzj0EAwIDRwAwRAIgWRSgw/e9zYld2WuQx2HhhoG6
1s/5xWMWWhGulTEIZrsCIBf2+jBU14rSd2eyrtZYAizGdLp/7PGKd7i6b8mlYPjv
-----END CERTIFICATE-----`;

let sandbox: Sandbox;
let client: IAMClient;
beforeEach(async () => {
  sandbox = await sandboxFor();
  client = administratorClient(sandbox, IAMClient);
});
afterEach(() => sandbox.close());

const upload = (body: string) =>
  client.send(
    new UploadServerCertificateCommand({ ServerCertificateName: 'shop', CertificateBody: body, PrivateKey: 'secret' }),
  );
const listed = async () =>
  (await client.send(new ListServerCertificatesCommand({}))).ServerCertificateMetadataList!.map(
    ({ Arn, Expiration }) => [Arn, Expiration],
  );

it('a certificate has its own expiration date, and stays until it is deleted', async () => {
  await expect(upload(EXPIRED)).rejects.toMatchObject({ name: 'MalformedCertificateException' });
  await sandbox.kernel.clock.at(Date.UTC(2025, 10, 1), () => upload(EXPIRED));
  const arn = 'arn:aws:iam::111122223333:server-certificate/shop';
  expect(await listed()).toEqual([[arn, new Date('2025-12-01T00:00:00Z')]]);
  const name = { ServerCertificateName: 'shop' };
  const { ServerCertificate } = await client.send(new GetServerCertificateCommand(name));
  expect(ServerCertificate).toMatchObject({ CertificateBody: EXPIRED });
  await client.send(new DeleteServerCertificateCommand(name));
  expect(await listed()).toEqual([]);
  await expect(client.send(new DeleteServerCertificateCommand(name))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
});

it('new tags of a certificate join those that it has', async () => {
  await sandbox.kernel.clock.at(Date.UTC(2025, 10, 1), () => upload(EXPIRED));
  const tag = (ServerCertificateName: string, Key: string, Value: string) =>
    client.send(new TagServerCertificateCommand({ ServerCertificateName, Tags: [{ Key, Value }] }));
  await tag('shop', 'owner', 'web');
  await tag('shop', 'stage', 'live');
  await tag('shop', 'owner', 'payments');
  const { ServerCertificate } = await client.send(new GetServerCertificateCommand({ ServerCertificateName: 'shop' }));
  expect(ServerCertificate!.Tags).toEqual([
    { Key: 'owner', Value: 'payments' },
    { Key: 'stage', Value: 'live' },
  ]);
  await expect(tag('other', 'owner', 'web')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
});

it('a certificate is text in PEM', async () => {
  await expect(upload('no certificate')).rejects.toMatchObject({ name: 'MalformedCertificateException' });
});

it.each(['AWSSupportAccess', 'AWSCloudShellFullAccess'])(
  '%s lists the roles that it is attached to',
  async (policy) => {
    const PolicyArn = `arn:aws:iam::aws:policy/${policy}`;
    const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    await client.send(new CreateRoleCommand({ RoleName: 'helper', AssumeRolePolicyDocument }));
    const roles = async () => (await client.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).PolicyRoles;
    expect(await roles()).toEqual([]);
    await client.send(new AttachRolePolicyCommand({ RoleName: 'helper', PolicyArn }));
    expect(await roles()).toMatchObject([{ RoleName: 'helper' }]);
  },
);
