/** @throws SutureError Throttled, ServiceUnavailable or ConfigurationInvalid */
export type Sign = (message: Uint8Array) => Promise<string>;

/**
 * Returns whether the signature is one of this message.
 * @throws SutureError Throttled, ServiceUnavailable or ConfigurationInvalid
 */
export type Verify = (message: Uint8Array, signature: string) => Promise<boolean>;
