import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { LambdaFunction, LambdaState, VersionConfiguration } from './state.ts';

const comparable = ({ functions, mappings, ...state }: LambdaState): unknown => ({
  ...state,
  functions: new Map([...functions].map(([name, fn]) => [name, comparableFunction(fn)])),
  mappings: new Map(
    [...mappings].map(([id, { modifiedAt, lastResult, checkpoint, ...mapping }]) => [
      id,
      { ...mapping, progress: generated({ modifiedAt, lastResult, checkpoint }) },
    ]),
  ),
});

/** Statements of a policy have no order. A policy without statements counts as absent. */
const comparableFunction = ({ latest, versions, policies, ...fn }: LambdaFunction) => ({
  ...fn,
  policies: new Map([...policies].filter(([, { length }]) => length > 0).map(([on, all]) => [on, new Set(all)])),
  latest: comparableVersion(latest),
  versions: new Map([...versions].map(([number, version]) => [number, comparableVersion(version)])),
});

/** Each change gives a function a new revision id and date. */
const comparableVersion = ({ revision, modifiedAt, ...version }: VersionConfiguration) => ({
  ...version,
  change: generated({ revision, modifiedAt }),
});

function locate(arn: string): readonly RecordPath[] {
  const [type = '', name = '', qualifier] = parseArn(arn).resource.split(':');
  if (type === 'event-source-mapping') return [['mappings', name]];
  if (type !== 'function') return [];
  if (qualifier === undefined) return [['functions', name]];
  return [['functions', name, /^\d+$/.test(qualifier) ? 'versions' : 'aliases', qualifier]];
}

export const lambdaComparison = { comparable, locate };
