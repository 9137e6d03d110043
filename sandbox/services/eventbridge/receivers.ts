/**
 * Receivers on this machine that play the hosts of API destinations. A host without one is refused by name, so that
 * nothing leaves the machine.
 */
import type { Kernel } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';

/** Origins of endpoints, such as `https://hooks.slack.com`, and the URL of the receiver: `http://127.0.0.1:8080`. */
export type Receivers = Readonly<Record<string, string>>;

const RECEIVERS = new WeakMap<Kernel, Receivers>();

/** @throws TypeError for an origin without https, and for a receiver on another machine */
export function setReceivers(kernel: Kernel, receivers: Receivers): void {
  for (const [origin, receiver] of Object.entries(receivers)) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin || !origin.startsWith('https://'))
      throw new TypeError(`The receiver of "${origin}": write an origin such as https://hooks.slack.com`);
    const { protocol, hostname } = URL.canParse(receiver) ? new URL(receiver) : { protocol: '', hostname: '' };
    if (protocol !== 'http:' || hostname !== '127.0.0.1')
      throw new TypeError(
        `The receiver of ${origin} is "${receiver}": it must be on this machine, such as http://127.0.0.1:8080`,
      );
  }
  RECEIVERS.set(kernel, receivers);
}

/** @throws AwsError NotModelled for a host without a receiver */
export function receiverOf(kernel: Kernel, origin: string): URL {
  const receiver = RECEIVERS.get(kernel)?.[origin];
  if (receiver) return new URL(receiver);
  throw notModelled(
    `the host ${origin} of an API destination: name a receiver for it, createSandbox({ receivers: { '${origin}': 'http://127.0.0.1:…' } })`,
  );
}
