/** Asks the API about address ranges, and waits for the result: it may take minutes. */
import { setTimeout } from 'node:timers/promises';
import type { ApiRouteName } from '../../functions/domain/api.ts';
import { IpRangesRequestReply, IpRangesResultReply } from '../../functions/domain/api-ip-ranges.ts';
import { type IpRangesAnswer, IpRangesResult } from '../../ip-ranges/contract/command.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { type ApiCall, type SutureApi, sutureApi } from './api.ts';

export type IpRangesClient = {
  /** @throws Failure with the function's error, UsageError if the request names no target or a wrong document */
  ask(route: ApiRouteName, call: ApiCall): Promise<IpRangesAnswer>;
  /** Returns the proposal's id. */
  propose(body: object): Promise<string>;
};

const PAUSE_MS = 300;
const MAX_PAUSE_MS = 3_000;
/** The function ends after five minutes, and may begin a little later. */
const MAX_WAIT_MS = 7 * 60_000;

export async function ipRangesClient(given?: SutureApi, sleep = setTimeout): Promise<IpRangesClient> {
  const api = given ?? (await sutureApi());
  const idOf = async (route: ApiRouteName, call: ApiCall) => IpRangesRequestReply.parse(await api.call(route, call)).id;
  return {
    propose: (body) => idOf('proposeIpRanges', { body }),
    async ask(route, call) {
      const parameters = { id: await idOf(route, call) };
      for (let waited = 0, pause = PAUSE_MS; waited < MAX_WAIT_MS; waited += pause) {
        const { result } = IpRangesResultReply.parse(await api.call('ipRangesResult', { parameters }));
        if (result !== undefined) return answerIn(IpRangesResult.parse(result));
        await sleep(pause);
        pause = Math.min(pause * 1.5, MAX_PAUSE_MS);
      }
      throw new Failure(
        `The function has not answered ${parameters.id} in ${MAX_WAIT_MS / 60_000} minutes. suture ip-ranges status shows how far it came; its log says why.`,
      );
    },
  };
}

function answerIn(result: IpRangesResult): IpRangesAnswer {
  if (!('error' in result)) return result;
  const { name, message } = result.error;
  throw name === 'CommandInvalid' ? new UsageError(message) : new Failure(`${name}: ${message}`);
}
