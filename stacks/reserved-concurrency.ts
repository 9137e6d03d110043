import type { App } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { namesOf } from '../functions/domain/names.ts';
import type { SutureContext } from './context.ts';

/**
 * Reserves concurrency for the functions that the context names. By default no function has any: a new account's quota
 * of 10 leaves nothing to reserve, and the deployment would fail.
 * @throws Error for names that no function has
 */
export function reserveConcurrency(
  app: App,
  { prefix, reservedConcurrency }: Pick<SutureContext, 'prefix' | 'reservedConcurrency'>,
): void {
  const missing = new Map(Object.entries(reservedConcurrency));
  for (const resource of app.node.findAll()) {
    if (!(resource instanceof CfnFunction)) continue;
    const reserved = missing.get(resource.functionName ?? '');
    if (reserved === undefined) continue;
    resource.reservedConcurrentExecutions = reserved;
    missing.delete(resource.functionName!);
  }
  if (missing.size === 0) return;
  const problems = [...missing.keys()].map(
    (name) =>
      `context.suture.reservedConcurrency.${name}: no such function; expected a name such as ${namesOf({ prefix }).proxyRole}`,
  );
  throw new Error(
    `The context of Suture is invalid.\n${problems.join('\n')}\nCorrect cdk.json, or -c suture:reservedConcurrency=<JSON>.`,
  );
}
