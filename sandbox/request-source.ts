import type { InstanceRequest } from './kernel/kernel.ts';
import { INSTANCE_HEADER, REQUEST_HEADER } from './runtime/protocol.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export function requestSource(headers: Headers): InstanceRequest | undefined {
  const { [INSTANCE_HEADER]: instance, [REQUEST_HEADER]: request } = headers;
  return typeof instance === 'string' && typeof request === 'string' ? { instance, request } : undefined;
}
