import { AwsError } from '../../kernel/kernel.ts';

type DeliveryErrorOptions = {
  readonly isRetriable: boolean;
  /** Wait that the target asks for; the longer of it and the backoff counts. */
  readonly retryAfterMs?: number | undefined;
};

/** A failed delivery whose meaning for retries is known. Its code is the `ERROR_CODE` of a dead letter. */
export class DeliveryError extends AwsError {
  readonly isRetriable: boolean;
  readonly retryAfterMs: number;

  constructor(code: string, message: string, { isRetriable, retryAfterMs = 0 }: DeliveryErrorOptions) {
    super(code, message);
    this.isRetriable = isRetriable;
    this.retryAfterMs = retryAfterMs;
  }
}
