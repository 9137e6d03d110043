/** Asynchronous work of node:zlib and node:crypto, which Node does not list among its active resources. */
import { syncBuiltinESMExports } from 'node:module';

type Callback = (...args: unknown[]) => unknown;
type AnyFunction = (this: unknown, ...args: any[]) => any;

const CRYPTO_FUNCTIONS = [
  'argon2',
  'checkPrime',
  'decapsulate',
  'diffieHellman',
  'encapsulate',
  'generateKey',
  'generateKeyPair',
  'generatePrime',
  'hkdf',
  'pbkdf2',
  'randomBytes',
  'randomFill',
  'randomInt',
  'scrypt',
  'sign',
  'verify',
];

/**
 * Counts the work from now on, so call it before the bundle is loaded. Returns a function that reports whether any work
 * is unfinished.
 */
export const watchThreadPool = (): (() => boolean) => {
  let underWay = 0;
  const countUntilCalled = (callback: Callback): Callback => {
    underWay += 1;
    return (...args) => {
      underWay -= 1;
      return callback(...args);
    };
  };
  watchCrypto(countUntilCalled);
  watchZlib(countUntilCalled);
  syncBuiltinESMExports();
  return () => underWay > 0;
};

const watchCrypto = (countUntilCalled: (callback: Callback) => Callback): void => {
  const crypto = process.getBuiltinModule('node:crypto') as unknown as Record<string, AnyFunction>;
  for (const name of CRYPTO_FUNCTIONS) {
    const original = crypto[name]!;
    const watched: AnyFunction = (...args) => {
      const callback = args.at(-1);
      return typeof callback === 'function'
        ? original(...args.slice(0, -1), countUntilCalled(callback))
        : original(...args);
    };
    // util.promisify uses custom versions of some of these functions.
    crypto[name] = Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
  }
  const subtle = Object.getPrototypeOf(process.getBuiltinModule('node:crypto').webcrypto.subtle);
  for (const name of Object.getOwnPropertyNames(subtle)) {
    const original = subtle[name] as unknown;
    if (name === 'constructor' || typeof original !== 'function') continue;
    subtle[name] = function (this: unknown, ...args: unknown[]) {
      const end = countUntilCalled(() => {});
      const work: Promise<unknown> = original.apply(this, args);
      work.then(end, end);
      return work;
    };
  }
};

/** Watches the transformation of every chunk. The functions with a callback use the same streams. */
const watchZlib = (countUntilCalled: (callback: Callback) => Callback): void => {
  const { Gzip } = process.getBuiltinModule('node:zlib');
  const base = Object.getPrototypeOf(Object.getPrototypeOf(Gzip.prototype));
  const transform = base._transform as AnyFunction;
  base._transform = function (chunk: unknown, encoding: unknown, callback: Callback) {
    return transform.call(this, chunk, encoding, countUntilCalled(callback));
  };
};
