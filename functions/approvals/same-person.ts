/** Whether two ARNs are of the same person. Pure. */

/**
 * The name of who stands behind a session or user: whoever is called the same is taken for the same, whichever role was
 * assumed, for one person may assume several. IAM Identity Center names sessions after the person; for other roles, a
 * trust policy can ask for it with `sts:RoleSessionName`.
 */
export const personIn = (arn: string): string => {
  const [, name] =
    /^arn:[\w-]+:(?:sts|iam)::\d{12}:(?:assumed-role|user|federated-user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  return (name ?? arn).toLowerCase();
};

export const isSamePerson = (one: string, other: string): boolean => personIn(one) === personIn(other);
