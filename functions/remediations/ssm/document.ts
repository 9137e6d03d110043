import { DescribeDocumentPermissionCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** Returns the accounts with which a document is shared; `all` stands for everybody. The SDK has no paginator for it. */
export async function documentAccounts(ssm: SSMClient, Name: string, NextToken?: string): Promise<string[]> {
  const query = { Name, PermissionType: 'Share', NextToken } as const;
  const page = await ssm.send(new DescribeDocumentPermissionCommand(query));
  const accounts = page.AccountIds ?? [];
  return page.NextToken ? [...accounts, ...(await documentAccounts(ssm, Name, page.NextToken))] : accounts;
}
