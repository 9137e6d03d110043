import type { IpRangesCommand } from '../domain/api-ip-ranges.ts';

export type IpRangesRequest = {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly command: IpRangesCommand;
  /** Makes the request a proposal, which is carried out only with an approval. */
  readonly document?: unknown;
  readonly approval?: IpRangesApproval;
  /** The function's answer or error. */
  readonly result?: unknown;
};
/** `digest`: of the plan that was approved. */
export type IpRangesApproval = { readonly by: string; readonly at: string; readonly digest: string };

export type IpRangesRequests = {
  /** Returns false, and stores nothing, if the document is too large for an item. */
  add(request: IpRangesRequest): Promise<boolean>;
  find(id: string): Promise<IpRangesRequest | undefined>;
  /** Returns false if somebody approved it before. */
  approve(id: string, approval: IpRangesApproval): Promise<boolean>;
  finish(id: string, result: object): Promise<void>;
};
