// Columns of a table, and its order.
import type { Cell } from '../words/csv.ts';

export type Column<T> = {
  key: string;
  label: string;
  value: (row: T) => Cell;
  /** How the value is shown when it is not its own text. */
  text?: (row: T) => string;
  /** The label is for screen readers only, and nothing is sorted by it. */
  isLabelHidden?: boolean;
  isNumber?: boolean;
  /** No wider than its content. */
  isNarrow?: boolean;
  /** Left out on the screen of a telephone, so that the others are seen. */
  isSpare?: boolean;
  /** Takes this share of the width, whatever it holds; its content is wrapped or cut. */
  share?: string;
  /** Columns for display only do not appear in the CSV file. */
  isHiddenInFile?: boolean;
  /** Columns of the file that the page shows elsewhere. */
  isFileOnly?: boolean;
  title?: string;
};

/** Rows by a column; absent values last in both directions. `sort` is a key, with a minus for descending. */
export function sorted<T>(rows: T[], columns: Column<T>[], sort: string | null): T[] {
  if (!sort) return rows;
  const falling = sort.startsWith('-');
  const column = columns.find(({ key }) => key === sort.replace(/^-/, ''));
  if (!column) return rows;
  return rows.toSorted((a, b) => compare(column.value(a), column.value(b), falling));
}

/** The next order when the head of a column is pressed: rising, falling, none. */
export function turned(sort: string | null, key: string): string | null {
  if (sort === key) return '-' + key;
  return sort === '-' + key ? null : key;
}

function compare(a: Cell, b: Cell, falling: boolean): number {
  const isAbsent = (value: Cell) => value === null || value === undefined || value === '';
  if (isAbsent(a) || isAbsent(b)) return Number(isAbsent(a)) - Number(isAbsent(b));
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
  return falling ? -order : order;
}
