/** Compares the resources of record services' permissions with IAM's service authorization reference. */
import type { ActionDetails } from '../../../sandbox/authorization/actions.ts';

/** Names of variables differ: `db:{id}` and `db:${DbInstanceName}` have one shape. */
const shapeOf = (arn: string) => arn.replace(/\$?\{\w+\}/g, '*');

/** IAM's data marks each type as required of which a call names just one. */
export const iamFaults = (
  { wildcardOnly, resourceTypes }: ActionDetails,
  arns: readonly string[],
  ofOneType = false,
): string[] => {
  const own = arns.map(shapeOf);
  if (wildcardOnly) return own.filter((shape) => shape !== '*').map((shape) => `IAM knows no resource, not ${shape}`);
  const known = resourceTypes.map(({ arn }) => shapeOf(arn));
  return [
    ...own.filter((shape) => shape !== '*' && !known.includes(shape)).map((shape) => `IAM has no ${shape}`),
    ...(own.includes('*') && resourceTypes.some(({ required }) => required) ? ['IAM requires a resource, not *'] : []),
    ...resourceTypes
      .filter(({ arn, required }) => required && !own.includes(shapeOf(arn)))
      .filter(() => !ofOneType || !own.some((shape) => known.includes(shape)))
      .map(
        ({ name, arn }) =>
          `IAM requires a ${name}, ${arn}: \`beside\` of creates, changes and deletes names it; write any other verb as code`,
      ),
  ];
};
