/**
 * Returns the name of the person behind a session or user. Equal names count as the same person whichever role was
 * assumed, because one person may assume several. IAM Identity Center names sessions after the person; for other roles,
 * a trust policy can require it with `sts:RoleSessionName`.
 */
export const personIn = (arn: string): string => {
  const [, name] =
    /^arn:[\w-]+:(?:sts|iam)::\d{12}:(?:assumed-role|user|federated-user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return (name ?? arn).toLowerCase();
};

export const isSamePerson = (one: string, other: string): boolean => personIn(one) === personIn(other);
