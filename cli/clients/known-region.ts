import { suggestion } from '../../functions/domain/nearest.ts';
import { plainText } from '../../functions/domain/plain-text.ts';
import { AWS_REGIONS } from '../../stacks/regions.ts';

/** Returns nothing for a Region in which Suture can be installed. */
export function regionProblem(region: string): string | undefined {
  if (AWS_REGIONS.includes(region)) return undefined;
  const near = suggestion(region, AWS_REGIONS) || '. A Region is named like us-east-1.';
  return `Suture knows no Region "${plainText(region)}"${near}`;
}
