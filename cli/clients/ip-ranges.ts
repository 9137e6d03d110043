/** Asks the API about address ranges, and waits for the result: it may take minutes. */
import { setTimeout } from 'node:timers/promises';
import type * as z from 'zod';
import type { ApiRouteName } from '../../functions/domain/api.ts';
import {
  IpRangesRequestReply,
  IpRangesResultReply,
  ProposeIpRangesReply,
  type ProposeIpRangesRequest,
} from '../../functions/domain/api-ip-ranges.ts';
import { type IpRangesAnswer, IpRangesResult } from '../../ip-ranges/contract/command.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { type ApiCall, type SignedApi, sutureApi } from './api.ts';

export type IpRangesClient = {
  /** @throws Failure with the function's error, UsageError if the request names no target or a wrong document */
  ask(route: ApiRouteName, call: ApiCall): Promise<IpRangesAnswer & { readonly id: string }>;
  /** Waits for the result of a request, and throws as `ask` does. */
  result(id: string): Promise<IpRangesAnswer>;
  /** @throws Unreachable if IAM does not let the caller use the route */
  requirePermission(route: 'changeIpRanges' | 'proposeIpRanges'): Promise<void>;
  propose(body: z.infer<typeof ProposeIpRangesRequest>): Promise<z.infer<typeof ProposeIpRangesReply>>;
};

const PAUSE_MS = 300;
const MAX_PAUSE_MS = 3_000;
/** The function ends after five minutes, and may begin a little later. */
const MAX_WAIT_MS = 7 * 60_000;

export async function ipRangesClient(injectedApi?: SignedApi, sleep = setTimeout): Promise<IpRangesClient> {
  const api = injectedApi ?? (await sutureApi());
  const result = async (id: string): Promise<IpRangesAnswer> => {
    const parameters = { id };
    for (let waited = 0, pause = PAUSE_MS; waited < MAX_WAIT_MS; waited += pause) {
      const { result } = IpRangesResultReply.parse(await api.call('ipRangesResult', { parameters }));
      if (result !== undefined) return answerIn(IpRangesResult.parse(result));
      await sleep(pause);
      pause = Math.min(pause * 1.5, MAX_PAUSE_MS);
    }
    throw new Failure(
      `The function has not answered ${parameters.id} in ${MAX_WAIT_MS / 60_000} minutes. suture ip-ranges status shows how far it came; its log says why.`,
    );
  };
  return {
    result,
    requirePermission: (route) => api.requirePermission(route),
    propose: async (body) => ProposeIpRangesReply.parse(await api.call('proposeIpRanges', { body })),
    async ask(route, call) {
      const { id } = IpRangesRequestReply.parse(await api.call(route, call));
      return { ...(await result(id)), id };
    },
  };
}

function answerIn(result: IpRangesResult): IpRangesAnswer {
  if (!('error' in result)) return result;
  const { name, message } = result.error;
  throw name === 'CommandInvalid' ? new UsageError(message) : new Failure(`${name}: ${message}`);
}
