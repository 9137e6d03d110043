import type { IpRangesCommand } from '../domain/api-ip-ranges.ts';

export type IpRangesRequest = {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly command: IpRangesCommand;
  /** A document that the function does not fetch itself. It applies the document only if `approved` is its digest. */
  readonly document?: unknown;
  readonly approved?: string;
  /** The function's answer or error. */
  readonly result?: unknown;
};

export type IpRangesRequests = {
  /** Returns false, and stores nothing, if the document is too large for an item. */
  add(request: IpRangesRequest): Promise<boolean>;
  find(id: string): Promise<IpRangesRequest | undefined>;
  /** Keeps the first result. */
  finish(id: string, result: object): Promise<void>;
};
