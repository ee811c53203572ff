// The linear fit as facts and as a table of coefficients.
import type { Coefficient, FitResult } from '../../api/types.ts';
import type { Fact } from '../../parts/Facts.svelte';
import type { Column } from '../../parts/table.ts';
import { count, number, share } from '../../words/format.ts';
import { t } from '../../words/words.ts';

export function fitFacts(result: FitResult): Fact[] {
  return [
    { name: 'R²', value: share(result.r2), title: t('r2-title') },
    { name: t('fit-adjusted-r2'), value: share(result.adjusted_r2), title: t('fit-adjusted-r2-title') },
    { name: t('rmse'), value: number(result.rmse), title: t('rmse-title') },
    { name: t('fit-residual-error'), value: number(result.residual_std_error), title: t('fit-residual-error-title') },
    { name: 'F', value: number(result.f_statistic), title: t('fit-f-title') },
    { name: t('fit-f-p'), value: chance(result.f_p), title: t('fit-f-title') },
    { name: 'AIC', value: number(result.aic, 5), title: t('fit-criterion-title') },
    { name: 'BIC', value: number(result.bic, 5), title: t('fit-criterion-title') },
    { name: t('fit-n'), value: `${count(result.n)} / ${count(result.dof)}`, title: t('fit-n-title') },
  ];
}

export function coefficientColumns(): Column<Coefficient>[] {
  const measure = (key: 'value' | 'std_error' | 't' | 'low' | 'high', digits: number): Column<Coefficient> => ({
    key, label: t(`coefficient-${key}`), value: (row) => row[key], text: (row) => number(row[key], digits), isNumber: true,
  });
  return [
    { key: 'term', label: t('coefficient-term'), value: (row) => row.term },
    measure('value', 6),
    measure('std_error', 3),
    measure('t', 4),
    { key: 'p', label: t('coefficient-p'), value: (row) => row.p, text: (row) => chance(row.p), isNumber: true, title: t('coefficient-p-title') },
    measure('low', 4),
    measure('high', 4),
  ];
}

/** A chance; the very small ones only by their bound. */
export function chance(p: number | null): string {
  if (p === null) return '–';
  return p < 1e-4 ? '< 0.0001' : number(p, 2);
}
