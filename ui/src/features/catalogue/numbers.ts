// Which columns hold numbers, and whether they suffice for a formula.
import type { ColumnProfile, DataSetDetail } from '../../api/types.ts';

export function isNumeric({ kind }: ColumnProfile): boolean {
  return kind === 'number' || kind === 'integer';
}

/** The columns that can be drawn and explained. */
export function numeric(dataSet: DataSetDetail): string[] {
  return dataSet.profile.filter(isNumeric).map(({ name }) => name);
}

/** What is explained when nothing else is chosen: the target where it holds numbers, else the last column that does. */
export function explained(dataSet: DataSetDetail): string | null {
  const numbers = numeric(dataSet);
  return numbers.find((name) => name === dataSet.target) ?? numbers.at(-1) ?? null;
}

export type Lacking = { numbers: string[]; others: ColumnProfile[] };

/** What hinders an analysis: a formula takes a column of numbers and explains it by at least one other. Null where nothing does. */
export function lacking(dataSet: DataSetDetail): Lacking | null {
  const numbers = numeric(dataSet);
  return numbers.length > 1 ? null : { numbers, others: dataSet.profile.filter((column) => !isNumeric(column)) };
}

/** A cell that shows why the column is text: the first that is no number. */
export function example({ samples }: ColumnProfile): string | null {
  return samples.find((text) => text.trim() === '' || Number.isNaN(Number(text))) ?? samples[0] ?? null;
}
