/** The routes of the API that change what Suture does. */
import { API_ROUTES, type ApiReply, type ApiRequest, type ApiRouteName, refusal, signerOf } from '../domain/api.ts';
import type { RunKind } from '../domain/api-runs.ts';
import { type ApiAction, Refused } from './action.ts';
import { type AnnounceDeps, announce } from './announce.ts';
import { changeIpRanges, planDocument, proposeIpRanges, rangesResult, readIpRanges } from './ip-ranges.ts';
import { backfillItem, eventReplayItem, type ItemDeps, replayItem, rollbackItem } from './items.ts';
import { type MessageDeps, messagePlaces, testMessagePlace } from './messages.ts';
import { addPolicy, deployVersion } from './policy.ts';
import { type ProposalDeps, proposalAnswer, proposalDetail, proposalList } from './proposals.ts';
import { type RedriveDeps, redrive } from './redrive.ts';
import { beginAction, endAction } from './runs.ts';
import { resume, stop } from './stops.ts';

export type ApiDeps = ItemDeps & RedriveDeps & ProposalDeps & AnnounceDeps & MessageDeps;

type OwnRoute = { [K in ApiRouteName]: (typeof API_ROUTES)[K]['to'] extends 'api' ? K : never }[ApiRouteName];

const runActions = <K extends RunKind>(kind: K, item: ApiAction<ApiDeps>) =>
  ({ [`begin ${kind}`]: beginAction(kind), [`do ${kind}`]: item, [`end ${kind}`]: endAction(kind) }) as Record<
    `${'begin' | 'do' | 'end'} ${K}`,
    ApiAction<ApiDeps>
  >;

const ACTIONS: Readonly<Record<OwnRoute, ApiAction<ApiDeps>>> = {
  ...runActions('replays', replayItem),
  ...runActions('rollbacks', rollbackItem),
  ...runActions('redrives', redrive),
  ...runActions('event-replays', eventReplayItem),
  ...runActions('backfills', backfillItem),
  stop,
  resume,
  announce,
  listMessagePlaces: messagePlaces,
  testMessagePlace,
  addPolicy,
  deployPolicy: deployVersion,
  listProposals: proposalList,
  showProposal: proposalDetail,
  answerProposal: proposalAnswer,
  readIpRanges,
  changeIpRanges,
  ipRangesResult: rangesResult,
  planIpRangesDocument: planDocument,
  proposeIpRanges,
};

const BY_METHOD_AND_PATH = new Map(
  Object.entries(ACTIONS).map(([name, action]) => {
    const { method, path } = API_ROUTES[name as OwnRoute];
    return [`${method} ${path}`, action];
  }),
);

export async function answerRequest(request: ApiRequest, deps: ApiDeps): Promise<ApiReply> {
  const route = `${request.httpMethod} ${request.resource}`;
  const action = BY_METHOD_AND_PATH.get(route);
  if (!action) return refusal(404, `The API has no ${route}.`);
  try {
    return { status: 200, body: await action(request, signerOf(request), deps) };
  } catch (error) {
    if (error instanceof Refused) return refusal(error.status, error.message);
    throw error;
  }
}
