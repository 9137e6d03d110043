import { namesOf } from '../../functions/domain/names.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';

/** Names of the installation that the lab runs: the one of cdk.json. */
export const LAB_NAMES = namesOf(await readCdkJsonContext());
