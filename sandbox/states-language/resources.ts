/**
 * The Resource field of a Task state.
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
 */

/** A function by its ARN, an optimized integration, or any operation of an AWS SDK. */
export type Resource =
  | { readonly kind: 'function'; readonly arn: string }
  | {
      readonly kind: 'optimized' | 'sdk';
      readonly service: string;
      readonly action: string;
      readonly callback: boolean;
      /** Waits for the end of what it starts. */
      readonly sync: boolean;
    }
  | { readonly kind: 'unknown' };

/** The optimized integrations that are modelled. `callback`: it can wait for a task token; `sync`: it can run a job. */
const OPTIMIZED_INTEGRATIONS: Readonly<Record<string, { readonly callback: boolean; readonly sync?: boolean }>> = {
  'lambda:invoke': { callback: true },
  'sqs:sendMessage': { callback: true },
  'sns:publish': { callback: true },
  'events:putEvents': { callback: true },
  'states:startExecution': { callback: true, sync: true },
  'dynamodb:getItem': { callback: false },
  'dynamodb:putItem': { callback: false },
  'dynamodb:updateItem': { callback: false },
  'dynamodb:deleteItem': { callback: false },
};

const FUNCTION = /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const INTEGRATION = /^arn:[\w-]+:states:[\w-]*:\d*:(aws-sdk:)?(\w+):(\w+)(\.waitForTaskToken|\.sync:2)?$/;

export function parseResource(resource: string): Resource {
  if (FUNCTION.test(resource)) return { kind: 'function', arn: resource };
  const [matched, sdk, service, action, pattern] = INTEGRATION.exec(resource) ?? [];
  if (!matched || !service || !action) return { kind: 'unknown' };
  const callback = pattern === '.waitForTaskToken';
  const sync = pattern === '.sync:2';
  if (sdk) return sync ? { kind: 'unknown' } : { kind: 'sdk', service, action, callback, sync };
  const integration = OPTIMIZED_INTEGRATIONS[`${service}:${action}`];
  if (!integration || (callback && !integration.callback) || (sync && !integration.sync)) return { kind: 'unknown' };
  return { kind: 'optimized', service, action, callback, sync };
}
