/** The coverage of open findings by a policy, and the controls that would add most. Pure. */
import type { Mode, PolicyInForce } from '../../functions/domain/policy.ts';
import { modeByRisk } from '../../functions/domain/policy.ts';
import { type Dimension, SEVERITIES } from './dimensions.ts';
import { type Effect, type Forecast, type ForecastFacts, forecastOf } from './forecast.ts';

/** `handled`: fixed, or asked. `left`: off, without a remediation, or refused. */
export const COVERAGE_PARTS = ['handled', 'observed', 'exempt', 'told', 'left'] as const;
export type CoveragePart = (typeof COVERAGE_PARTS)[number];
export type CoverageCounts = Readonly<Record<CoveragePart, number>> & { readonly open: number };

export type CoverageGroup = CoverageCounts & { readonly name: string };

/** A rule with which policy would handle more. */
export type CoverageGain = {
  readonly control: string;
  readonly mode: Mode;
  /** Findings that are left or only observed now. */
  readonly more: number;
  readonly risk: string;
};

export type Coverage = {
  readonly total: CoverageCounts;
  readonly effects: Readonly<Partial<Record<Effect, number>>>;
  readonly by: Readonly<Record<Dimension, readonly CoverageGroup[]>>;
  readonly gains: readonly CoverageGain[];
  /** Findings of the input that are not open. */
  readonly closed: number;
};

const PARTS: Readonly<Record<Exclude<Effect, 'closed'>, CoveragePart>> = {
  fixed: 'handled',
  asked: 'handled',
  observed: 'observed',
  told: 'told',
  archived: 'exempt',
  exempt: 'exempt',
  off: 'left',
  unhandled: 'left',
  refused: 'left',
};

export function coverageOf(findings: readonly unknown[], facts: ForecastFacts): Coverage {
  const forecasts = findings.map((finding) => forecastOf(finding, facts));
  const open = forecasts.filter(({ effect }) => effect !== 'closed');
  return {
    total: countsOf(open),
    effects: Object.fromEntries(
      [...Map.groupBy(open, ({ effect }) => effect)].map(([effect, group]) => [effect, group.length]),
    ),
    by: {
      control: groupsBy('control', open),
      account: groupsBy('account', open),
      severity: groupsBy('severity', open),
    },
    gains: gainsOf(findings, forecasts, facts),
    closed: forecasts.length - open.length,
  };
}

function countsOf(open: readonly Forecast[]): CoverageCounts {
  const counts = { open: open.length, handled: 0, observed: 0, exempt: 0, told: 0, left: 0 };
  for (const { effect } of open) counts[PARTS[effect as keyof typeof PARTS]]++;
  return counts;
}

/** Severities come in their order, other groups with the most open findings first. */
function groupsBy(dimension: Dimension, open: readonly Forecast[]): CoverageGroup[] {
  const groups = [...Map.groupBy(open, (forecast) => forecast[dimension])].map(([name, group]) => ({
    name,
    ...countsOf(group),
  }));
  const order = ({ name, open }: CoverageGroup) => (dimension === 'severity' ? SEVERITIES.indexOf(name) : -open);
  return groups.sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** Forecasts the findings of each control again, with the mode that its risk suggests. */
function gainsOf(findings: readonly unknown[], forecasts: readonly Forecast[], facts: ForecastFacts): CoverageGain[] {
  const candidates = forecasts
    .map((forecast, n) => ({ forecast, finding: findings[n] }))
    .filter(({ forecast: { effect, risk } }) => risk !== undefined && (effect === 'off' || effect === 'observed'));
  const gains = [...Map.groupBy(candidates, ({ forecast }) => forecast.control)].map(([control, group]) => {
    const risk = group[0]!.forecast.risk!;
    const mode = modeByRisk(risk);
    const proposed = { ...facts, policy: withMode(facts.policy, control, mode) };
    const more = group.filter(({ finding }) => isHandled(forecastOf(finding, proposed))).length;
    return { control, mode, more, risk };
  });
  return gains.filter(({ more }) => more > 0).sort((a, b) => b.more - a.more || a.control.localeCompare(b.control));
}

const isHandled = ({ effect }: Forecast) => effect === 'fixed' || effect === 'asked';

/** Rules for accounts, units and tags stay. */
function withMode(policy: PolicyInForce, control: string, mode: Mode): PolicyInForce {
  const rule = Object.hasOwn(policy.controls, control) ? policy.controls[control] : undefined;
  const changed = typeof rule === 'object' && rule !== null ? { ...rule, mode } : mode;
  return { ...policy, controls: { ...policy.controls, [control]: changed } };
}
