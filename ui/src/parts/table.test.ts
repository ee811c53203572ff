// Order of tables, searches in lists, and words of findings.
import { expect, test } from 'vitest';
import type { Finding, OverviewItem } from '../api/types.ts';
import { filtered } from '../features/overview/overview.ts';
import { found } from '../features/shell/palette.ts';
import { findingPlace, findingText, reasonText } from './findings.ts';
import { place } from './spark.ts';
import { sorted, turned, type Column } from './table.ts';

type Row = { n: number | null; s: string };
const columns: Column<Row>[] = [
  { key: 'n', label: 'n', value: (row) => row.n },
  { key: 's', label: 's', value: (row) => row.s },
];
const rows: Row[] = [{ n: 2, s: 'set 10' }, { n: null, s: 'set 9' }, { n: 1, s: 'Set 1' }];

test('rows are sorted by number and by natural text, absent values last', () => {
  expect(sorted(rows, columns, 'n').map(({ n }) => n)).toEqual([1, 2, null]);
  expect(sorted(rows, columns, '-n').map(({ n }) => n)).toEqual([2, 1, null]);
  expect(sorted(rows, columns, 's').map(({ s }) => s)).toEqual(['Set 1', 'set 9', 'set 10']);
  expect(sorted(rows, columns, 'unknown')).toBe(rows);
});
test('a head turns from rising to falling to none', () => {
  expect([turned(null, 'n'), turned('n', 'n'), turned('-n', 'n'), turned('s', 'n')]).toEqual(['n', '-n', null, 'n']);
});
test('the palette finds all words, titles first', () => {
  const commands = [{ title: 'Old y=3x', detail: '', to: '1' }, { title: 'Kepler', detail: 'a y law', to: '2' }, { title: 'Y factor', detail: '', to: '3' }];
  expect(found(commands, 'y').map(({ to }) => to)).toEqual(['3', '1', '2']);
  expect(found(commands, 'law kep').map(({ to }) => to)).toEqual(['2']);
});
test('the overview is filtered by name and formula', () => {
  const item = (name: string, text: string | null) =>
    ({ data_set: { name, description: '' }, formula: text && { formula: { text } } }) as unknown as OverviewItem;
  const items = [item('Kepler', 'sqrt(a^3)'), item('Hubble', null)];
  expect(filtered(items, 'SQRT').length).toBe(1);
  expect(filtered(items, ' ').length).toBe(2);
});
test('findings are told in words with their place', () => {
  const finding: Finding = { code: 'few_rows', severity: 'warning', subject: { row: 3, column: 'y' }, args: { rows: 5 } };
  expect(findingText(finding, 'symbolic')).toBe('Only 5 rows: many formulas would fit as well.');
  expect(findingPlace(finding)).toBe('row 3, column y');
  expect(findingText({ ...finding, code: 'never-seen', args: { value: 0.123456 } }, 'symbolic')).toBe('never seen (value 0.1235)');
  expect(reasonText({ code: 'runner-up', args: { margin: 12.3456 } })).toBe('The next best formula needs 12.35 bits more.');
});
test('small pictures hold their points, also when all values are equal', () => {
  const dots = place(Array.from({ length: 500 }, (_, i) => [i, 7]));
  expect(dots.length).toBe(60);
  expect(dots.every(({ x, y }) => x >= 4 && x <= 72 && y === 20)).toBe(true);
  expect(place([])).toEqual([]);
});
