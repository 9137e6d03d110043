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
    }
  | { readonly kind: 'unknown' };

/** The optimized integrations that are modelled. `callback`: it can wait for a task token. */
const OPTIMIZED_INTEGRATIONS: Readonly<Record<string, { readonly callback: boolean }>> = {
  'lambda:invoke': { callback: true },
  'sqs:sendMessage': { callback: true },
  'sns:publish': { callback: true },
  'events:putEvents': { callback: true },
  'states:startExecution': { callback: true },
  'dynamodb:getItem': { callback: false },
  'dynamodb:putItem': { callback: false },
  'dynamodb:updateItem': { callback: false },
  'dynamodb:deleteItem': { callback: false },
};

const FUNCTION = /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const INTEGRATION = /^arn:[\w-]+:states:[\w-]*:\d*:(aws-sdk:)?(\w+):(\w+)(\.waitForTaskToken)?$/;

export function parseResource(resource: string): Resource {
  if (FUNCTION.test(resource)) return { kind: 'function', arn: resource };
  const [matched, sdk, service, action, token] = INTEGRATION.exec(resource) ?? [];
  if (!matched || !service || !action) return { kind: 'unknown' };
  const callback = token !== undefined;
  if (sdk) return { kind: 'sdk', service, action, callback };
  const integration = OPTIMIZED_INTEGRATIONS[`${service}:${action}`];
  if (!integration || (callback && !integration.callback)) return { kind: 'unknown' };
  return { kind: 'optimized', service, action, callback };
}
