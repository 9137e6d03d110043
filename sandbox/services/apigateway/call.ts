import type { Kernel, Principal } from '../../kernel/kernel.ts';
import type { MatchedMethod } from './match.ts';
import type { ApiDeployment, ApiStage, RestApi } from './state.ts';

/** A request to `https://<api>[-<VPC endpoint>].execute-api.<region>.<domain>/<stage>/<path>`; header names in lower case. */
export type RestRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};
export type RestResponse = { status: number; headers: Record<string, string>; body: Uint8Array };

export type RestCall = {
  readonly kernel: Kernel;
  readonly api: RestApi;
  readonly stage: ApiStage;
  readonly deployment: ApiDeployment;
  readonly matched: MatchedMethod;
  readonly request: RestRequest;
  readonly principal: Principal;
  readonly requestId: string;
};
