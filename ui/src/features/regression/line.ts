// The linear fit as facts and as a table of coefficients.
import type { Check, Coefficient, Fit, FitResult, PathPoint, RankedForm, RowInfluence, Subset } from '../../api/types.ts';
import type { Fact } from '../../parts/Facts.svelte';
import type { Column } from '../../parts/table.ts';
import { count, number, share } from '../../words/format.ts';
import { known, t } from '../../words/words.ts';

/** The plain straight line of a target: by all columns before by some, then the newest. Other fits are chosen from the list. */
export function theLine(fits: Fit[], target: string | null): Fit | undefined {
  const lines = fits.filter((fit) => fit.target === target && fit.result && isPlain(fit));
  return lines.toSorted((a, b) => b.data_set_version - a.data_set_version || b.inputs.length - a.inputs.length || b.created_at.localeCompare(a.created_at))[0];
}

/** Least squares in the columns as they are; what only concerns errors and tests leaves the line as it is. */
function isPlain({ options }: Fit): boolean {
  const { method, shape, intercept, weights, error_bars, subset } = options;
  return method === 'least_squares' && shape === 'linear' && intercept && !weights && !error_bars && !subset;
}

export function fitFacts(result: FitResult): Fact[] {
  const facts: [string, number | null | undefined, (value: number) => string, string][] = [
    ['R²', result.r2, share, t('r2-title')],
    [t('fit-adjusted-r2'), result.adjusted_r2, share, t('fit-adjusted-r2-title')],
    [t('rmse'), result.rmse, number, t('rmse-title')],
    [t('fit-residual-error'), result.residual_std_error, number, t('fit-residual-error-title')],
    [t('fit-scale'), result.scale, number, t('fit-scale-title')],
    [t('fit-penalty'), result.penalty, (value) => number(value, 4), t('fit-penalty-title')],
    ['F', result.f_statistic, number, t('fit-f-title')],
    [t('fit-f-p'), result.f_p, chance, t('fit-f-title')],
    ['AIC', result.aic, (value) => number(value, 5), t('fit-criterion-title')],
    ['BIC', result.bic, (value) => number(value, 5), t('fit-criterion-title')],
  ];
  // What the method does not have is not shown.
  const had = facts.filter(([, value]) => value !== null && value !== undefined);
  return [
    ...had.map(([name, value, text, title]) => ({ name, value: text(value as number), title })),
    { name: t('fit-n'), value: `${count(result.n)} / ${count(result.dof)}`, title: t('fit-n-title') },
  ];
}

export function coefficientColumns(confidence = 0.95): Column<Coefficient>[] {
  const measure = (key: 'value' | 'std_error' | 't' | 'low' | 'high' | 'inflation', digits: number): Column<Coefficient> => ({
    key, label: t(`coefficient-${key}`, { percent: number(100 * confidence, 4) }), value: (row) => row[key] ?? null, text: (row) => number(row[key] ?? null, digits), isNumber: true,
  });
  return [
    { key: 'term', label: t('coefficient-term'), value: (row) => row.term },
    measure('value', 6),
    measure('std_error', 3),
    measure('t', 4),
    { key: 'p', label: t('coefficient-p'), value: (row) => row.p, text: (row) => chance(row.p), isNumber: true, title: t('coefficient-p-title') },
    measure('low', 4),
    measure('high', 4),
    { ...measure('inflation', 3), title: t('coefficient-inflation-title') },
  ];
}

type Measured<T> = { [K in keyof T]: T[K] extends number | null ? K : never }[keyof T] & string;
function figure<T>(key: Measured<T>, label: string, digits: number, title?: string): Column<T> {
  const value = (row: T) => row[key] as number | null;
  return { key, label, value, text: (row) => number(value(row), digits), isNumber: true, title };
}

export function formColumns(): Column<RankedForm>[] {
  return [
    { key: 'code', label: t('form-name'), value: (row) => formName(row) },
    { key: 'formula', label: t('tab-formula'), value: (row) => row.formula.text },
    { key: 'r2', label: 'R²', value: (row) => row.r2, text: (row) => share(row.r2), isNumber: true, title: t('r2-title') },
    { key: 'weight', label: t('form-evidence'), value: (row) => row.weight, text: (row) => share(row.weight), isNumber: true, title: t('form-evidence-title') },
  ];
}

export function subsetColumns(): Column<Subset>[] {
  return [
    { key: 'terms', label: t('subset-terms'), value: (row) => row.terms.join(', ') || t('subset-none') },
    { key: 'r2', label: 'R²', value: (row) => row.r2, text: (row) => share(row.r2), isNumber: true },
    figure<Subset>('aic', 'AIC', 5, t('fit-criterion-title')),
    figure<Subset>('aicc', 'AICc', 5, t('fit-criterion-title')),
    figure<Subset>('bic', 'BIC', 5, t('fit-criterion-title')),
    figure<Subset>('left_out_error', t('subset-left-out'), 4, t('subset-left-out-title')),
  ];
}

export function influenceColumns(): Column<RowInfluence>[] {
  return [
    { key: 'row', label: t('influence-row'), value: (row) => row.row, isNumber: true },
    figure<RowInfluence>('residual', t('residual'), 4),
    figure<RowInfluence>('leverage', t('influence-leverage'), 3, t('influence-leverage-title')),
    figure<RowInfluence>('studentized', t('influence-studentized'), 3, t('influence-studentized-title')),
    figure<RowInfluence>('cook', t('influence-cook'), 3, t('influence-cook-title')),
  ];
}

export function pathColumns(): Column<PathPoint>[] {
  return [
    figure<PathPoint>('strength', t('fit-penalty'), 4, t('fit-penalty-title')),
    { key: 'terms', label: t('subset-terms'), value: (row) => row.terms, isNumber: true },
    figure<PathPoint>('error', t('subset-left-out'), 4, t('subset-left-out-title')),
    figure<PathPoint>('error_deviation', t('path-deviation'), 3),
  ];
}

/** What a test of an assumption says, in one sentence. */
export function checkText({ code, holds }: Check): string {
  return known('regression', `check-${code}-${holds ? 'holds' : 'fails'}`) ?? code;
}

export function formName({ code }: RankedForm): string {
  return known('regression', `form-${code}`) ?? code;
}

/** A chance; the very small ones only by their bound. */
export function chance(p: number | null): string {
  if (p === null) return '–';
  return p < 1e-4 ? '< 0.0001' : number(p, 2);
}
