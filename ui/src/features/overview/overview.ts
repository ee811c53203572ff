// The table of the first page: data sets with their straight lines and best formulas.
import type { OverviewItem } from '../../api/types.ts';
import type { Column } from '../../parts/table.ts';
import { count, share } from '../../words/format.ts';
import { t } from '../../words/words.ts';

export function overviewColumns(): Column<OverviewItem>[] {
  return [
    { key: 'picture', label: t('overview-picture'), isLabelHidden: true, value: () => null, isNarrow: true, isHiddenInFile: true, isSpare: true },
    { key: 'data_set', label: t('overview-data-set'), value: ({ data_set }) => data_set.name, share: '35%' },
    { key: 'formula', label: t('overview-formula'), value: ({ formula }) => formula?.formula?.text, share: '38%' },
    { key: 'r2', label: 'R²', value: ({ formula }) => formula?.r2, text: ({ formula }) => share(formula?.r2), isNumber: true, isNarrow: true, isSpare: true, title: t('r2-title') },
    { key: 'line', label: t('overview-line'), value: ({ linear }) => linear?.formula?.text, share: '27%', isSpare: true },
    { key: 'line_r2', label: t('overview-line-r2'), value: ({ linear }) => linear?.r2, text: ({ linear }) => share(linear?.r2), isFileOnly: true },
    { key: 'rows', label: t('rows'), value: ({ data_set }) => data_set.rows, text: ({ data_set }) => count(data_set.rows), isNumber: true, isNarrow: true, isSpare: true },
  ];
}

/** Items whose name, description or formula contains the text. */
export function filtered(items: OverviewItem[], text: string): OverviewItem[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return items;
  return items.filter(({ data_set, formula }) =>
    `${data_set.name} ${data_set.description} ${formula?.formula?.text ?? ''}`.toLowerCase().includes(wanted),
  );
}
