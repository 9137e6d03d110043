import { countFigure, type Figure, isOverLimit, type Row, type Section, stableFigure } from './figures.ts';
import { linesBelow, type RemediationForm, type RemediationLines, readRemediationLines } from './remediation-lines.ts';

type Limits = { readonly lines: number; readonly scenarioLines?: number };

const LIMITS: Readonly<Record<RemediationForm, Limits>> = {
  setting: { lines: 15, scenarioLines: 15 },
  family: { lines: 30 },
  own: { lines: 60 },
};

const LABELS: Readonly<Record<RemediationForm, string>> = {
  setting: 'settings of the kit',
  family: "families' controls",
  own: 'modules of their own',
};

export function lineSection(): Section {
  const remediations = readRemediationLines();
  const own = sum(remediations.map(({ lines, scenarioLines }) => lines + scenarioLines));
  const kit = linesBelow('functions/remediations/kit');
  return {
    title: 'Lines of code',
    columns: 'a control with its scenarios / longest module / longest scenarios',
    rows: [
      ...lineRows(remediations),
      ...sharedRows(controlsOf(remediations), {
        kit,
        services: linesBelow('functions/remediations') - kit - own,
        sandboxServices: linesBelow('sandbox/services', 'sandbox/records'),
        sandbox: linesBelow('sandbox'),
        product: linesBelow('functions', 'stacks'),
      }),
    ],
  };
}

/** Returns a row for each form, then one for each file over its limit. */
export function lineRows(remediations: readonly RemediationLines[]): Row[] {
  const byForm = Map.groupBy(remediations, ({ form }) => form);
  const forms = (Object.keys(LIMITS) as RemediationForm[]).flatMap((form) => {
    const members = byForm.get(form);
    return members ? [formRow(form, members)] : [];
  });
  return [...forms, ...remediations.flatMap(longFileRows)];
}

function formRow(form: RemediationForm, members: readonly RemediationLines[]): Row {
  const controls = controlsOf(members);
  const most = (values: readonly number[]) => Math.max(...values);
  const all = sum(members.map(({ lines, scenarioLines }) => lines + scenarioLines));
  const { lines: limit, scenarioLines: scenarioLimit } = LIMITS[form];
  return {
    label: `${members.length} ${LABELS[form]}, of ${controls} controls`,
    figures: [
      stableFigure(`lines.${form}.per-control`, all / controls, ''),
      countFigure(`lines.${form}.longest`, most(members.map(({ lines }) => lines)), { limit }),
      countFigure(`lines.${form}.longest-scenarios`, most(members.map(({ scenarioLines }) => scenarioLines)), {
        limit: scenarioLimit,
      }),
    ],
  };
}

function longFileRows({ id, form, lines, scenarioLines }: RemediationLines): Row[] {
  const { lines: limit, scenarioLines: scenarioLimit } = LIMITS[form];
  const figures: readonly (readonly [file: string, figure: Figure])[] = [
    ['index.ts', countFigure(`lines.over.${id}`, lines, { limit })],
    ['scenarios.ts', countFigure(`lines.over.${id}.scenarios`, scenarioLines, { limit: scenarioLimit })],
  ];
  return figures
    .filter(([, figure]) => isOverLimit(figure))
    .map(([file, figure]) => ({ label: `over its limit: ${id}/${file}`, figures: [figure] }));
}

export type SharedLines = Readonly<Record<'kit' | 'services' | 'sandboxServices' | 'sandbox' | 'product', number>>;

export function sharedRows(controls: number, lines: SharedLines): Row[] {
  const perControl = (
    label: string,
    name: string,
    count: number,
    more: readonly Figure[] = [],
    note?: string,
  ): Row => ({
    label,
    figures: [stableFigure(`lines.${name}.per-control`, count / controls, ''), ...more],
    note,
  });
  const total = stableFigure('lines.sandbox', lines.sandbox, '', { limit: lines.product });
  return [
    perControl('resource types, fixtures and helpers of services', 'services', lines.services),
    perControl('the kit', 'kit', lines.kit),
    perControl("the sandbox's services", 'sandbox-services', lines.sandboxServices),
    perControl('the sandbox / all of it', 'sandbox', lines.sandbox, [total], 'at most as long as functions and stacks'),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Counts each control once: two remediations may handle it. */
const controlsOf = (remediations: readonly RemediationLines[]): number =>
  new Set(remediations.flatMap(({ controls }) => controls)).size;
