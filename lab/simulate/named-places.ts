/** The accounts and Regions that findings name. Loads nothing heavy. */

export function accountsIn(findings: readonly unknown[]): string[] {
  const ids = findings.map((finding) => (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId);
  return [...new Set(ids.filter(isAccountId))];
}

/** Returns the Regions of the products that sent the findings. */
export function regionsIn(findings: readonly unknown[]): string[] {
  const arns = findings.map((finding) => String((finding as { ProductArn?: unknown } | null)?.ProductArn));
  return [...new Set(arns.flatMap((arn) => /^arn:[\w-]+:securityhub:([\w-]+):/.exec(arn)?.[1] ?? []))];
}

const isAccountId = (value: unknown): value is string => typeof value === 'string' && /^\d{12}$/.test(value);
