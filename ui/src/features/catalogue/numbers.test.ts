// Tables in which no formula can be looked for are recognised, and told by their columns.
import { expect, test } from 'vitest';
import type { ColumnProfile, DataSetDetail } from '../../api/types.ts';
import { example, explained, lacking } from './numbers.ts';

const column = (name: string, kind: ColumnProfile['kind'], ...samples: string[]) => ({ name, kind, samples }) as ColumnProfile;
const table = (...profile: ColumnProfile[]) => ({ profile }) as DataSetDetail;

test('two columns of numbers suffice', () => {
  expect(lacking(table(column('place', 'text', 'A'), column('x', 'integer'), column('y', 'number')))).toBeNull();
});
test('dates and texts are no numbers', () => {
  const found = lacking(table(column('date', 'text', '2024-01-01'), column('none', 'empty'), column('height', 'number')));
  expect(found?.numbers).toEqual(['height']);
  expect(found?.others.map(({ name }) => name)).toEqual(['date', 'none']);
});
test('a target of texts gives way to the last column of numbers', () => {
  const set = table(column('x', 'integer'), column('z', 'number'), column('y', 'text', 'n.d.'));
  expect([explained({ ...set, target: 'y' }), explained({ ...set, target: 'x' }), explained({ ...set, target: null }), explained(table())]).toEqual(['z', 'x', 'z', null]);
});
test('the example is the cell that is no number', () => {
  expect([example(column('y', 'text', '2', 'n.d.', '6')), example(column('y', 'text', '1', '2')), example(column('y', 'empty'))]).toEqual(['n.d.', '1', null]);
});
