/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html */

import type { RestCall, RestResponse } from './call.ts';
import { proxyContext } from './event.ts';

/** Returns the format with its `$context` variables replaced; unknown ones become `-`. */
export function accessLine(format: string, call: RestCall, { status, body }: RestResponse): string {
  const context = { ...proxyContext(call), status, responseLength: body.length };
  return format.replace(/\$context\.([\w.]*\w)/g, (_, path: string) => {
    const value = path.split('.').reduce((of: any, name) => of?.[name], context);
    return value === undefined || value === null ? '-' : String(value);
  });
}
