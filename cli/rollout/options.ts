import type { SutureContext } from '../../stacks/context.ts';
import type { OperatorEnvironment } from '../clients/operator.ts';

/** The options of `suture rollout`. Tests add `context` and `directory`. */
export type RolloutOptions = OperatorEnvironment & {
  readonly template?: string;
  readonly templateUrl?: string;
  readonly canary?: string;
  readonly ou?: readonly string[];
  readonly atOnce?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly output?: 'json';
  readonly show?: (text: string) => void;
  readonly context?: SutureContext;
  /** The directory of the synthesized stacks; default: cdk.out. */
  readonly directory?: string;
};
