// The search's request, the member that is shown, and the charts as data.
import { describe, expect, test } from 'vitest';
import type { DataSetDetail, Member, Predictions, Search } from '../../api/types.ts';
import type { Palette } from '../../parts/palette.ts';
import { allowsLog, fitChart, pointsTable, residualChart } from '../catalogue/scatter.ts';
import { floored, frontChart } from './front.ts';
import { noRules } from './rules.ts';
import { bestAt, classColumns, memberAt, newest, searchRequest, standing, textColumns, usualGroups, type Choices } from './search.ts';

const palette = new Proxy({} as Palette, { get: (_target, name) => `color-${String(name)}` });
const member = (size: number, mse: number): Member => ({
  size, mse, r2: 0.9, description_length: 10, formula: { text: `f${size}`, latex: '', mathml: '' }, exact: mse === 0,
});
const front = [member(1, 100), member(5, 0.02), member(11, 0)];
const search = { front, chosen: 1 } as unknown as Search;
const plain: Choices = { time_s: 10, seed: null, max_size: null, noise_free: false, target: 'y', inputs: [], groups: usualGroups, rules: noRules() };

describe('a search', () => {
  test('asks only for what was chosen', () => {
    expect(searchRequest('d', plain, ['a', 'b'])).toEqual({ data_set_id: 'd', time_s: 10, target: 'y' });
    expect(searchRequest('d', { ...plain, inputs: ['a', 'b'], seed: 0, max_size: 20, noise_free: true }, ['a', 'b'])).toEqual({
      data_set_id: 'd', time_s: 10, target: 'y', seed: 0, max_size: 20, noise_free: true,
    });
    expect(searchRequest('d', { ...plain, inputs: ['b'] }, ['a', 'b']).inputs).toEqual(['b']);
    expect(searchRequest('d', { ...plain, groups: ['waves', 'powers', 'exponentials'] }, ['a'])).not.toHaveProperty('operators');
    expect(searchRequest('d', { ...plain, groups: ['powers'] }, ['a']).operators).toEqual(['add', 'sub', 'mul', 'div', 'pow', 'sqrt']);
  });
  test('texts explain where they are few, and may tell classes', () => {
    const column = (name: string, kind: string, distinct: number, samples: string[] = []) => ({ name, kind, distinct, samples, count: 30 });
    const set = { profile: [column('x', 'number', 30), column('site', 'text', 2, ['n', 's']), column('who', 'text', 30, ['a']), column('year', 'integer', 3), column('y', 'number', 4)] } as unknown as DataSetDetail;
    expect(textColumns(set)).toEqual(['site']);
    expect(classColumns(set, 'y')).toEqual(['site', 'year']);
    expect(searchRequest('d', { ...plain, inputs: ['a', 'site'] }, ['a', 'b']).inputs).toEqual(['a', 'site']);
    expect(searchRequest('d', { ...plain, inputs: ['a', 'site', 'b'] }, ['a', 'b']).inputs).toEqual(['a', 'site', 'b']);
  });
  test('shows the named, else the chosen formula', () => {
    expect(memberAt(search, '11')).toBe(2);
    expect(memberAt(search, '7')).toBe(1);
    expect(memberAt(search, null)).toBe(1);
    expect(memberAt({ ...search, front: [] }, null)).toBeNull();
    expect(memberAt(undefined, null)).toBeNull();
  });
  test('shows the formula of the fewest bits before one is chosen, not the most complicated', () => {
    const found = (...bits: (number | null)[]) => bits.map((description_length, size) => ({ ...member(size, 1), description_length }));
    expect(bestAt({ front: found(9, -158, -120, 1e6), chosen: null })).toBe(1);
    expect(bestAt({ front: found(9, null, -120, null), chosen: null })).toBe(2);
    expect(bestAt({ front: found(null, null, null), chosen: null })).toBe(2);
    expect(bestAt({ front: found(9, -158), chosen: 0 })).toBe(0);
    expect(bestAt({ front: [], chosen: null })).toBeNull();
  });
  test('the newest one counts', () => {
    expect(newest([{ created_at: '2026-01-01' }, { created_at: '2026-02-01' }])?.created_at).toBe('2026-02-01');
    expect(newest([])).toBeUndefined();
  });
});

describe('of several searches', () => {
  const ended = (id: string, part: Partial<Search>, bits = 0, mse = 1): Search =>
    ({ id, created_at: id, data_set_version: 1, target: 'y', state: 'done', options: {}, front: [{ ...member(3, mse), description_length: bits }], chosen: 0, ...part }) as Search;
  const best = (...all: Search[]) => standing(all)?.id;

  test('an exact formula stays before a newer one that is not', () => {
    expect(best(ended('1', {}, 50, 0), ended('2', {}, -10))).toBe('1');
    expect(best(ended('1', {}, -10), ended('2', {}, 50, 0))).toBe('2');
  });
  test('the fewest bits stay before a newer answer, which wins when it is as good', () => {
    expect(best(ended('1', {}, -20), ended('2', {}, -10))).toBe('1');
    expect(best(ended('1', {}, -20), ended('2', {}, -20))).toBe('2');
    expect(best(ended('1', { state: 'cancelled' }, -20), ended('2', { state: 'failed', chosen: null }, -90))).toBe('1');
    expect(best(ended('1', { state: 'failed', chosen: null }, -20), ended('2', { state: 'failed', front: [], chosen: null }))).toBe('2');
  });
  test('of two exact formulas the smaller one stays', () => {
    const small = ended('1', { front: [{ ...member(2, 0), description_length: 9 }] });
    expect(best(small, ended('2', {}, -50, 0))).toBe('1');
    expect(best(ended('0', {}, -50, 0), small)).toBe('1');
  });
  test('what goes on is shown, and another version or target is another question', () => {
    expect(best(ended('1', {}, 5, 0), ended('2', { state: 'running', front: [] }))).toBe('2');
    expect(best(ended('1', {}, 5, 0), ended('2', { data_set_version: 2 }))).toBe('2');
    expect(best(ended('1', {}, 5, 0), ended('2', { target: 'z' }))).toBe('2');
    expect(standing([])).toBeUndefined();
    const byClass = { options: { group: 'site' } } as Partial<Search>;
    expect(best(ended('1', {}, 5), ended('2', byClass, -50), ended('3', {}, 9))).toBe('1');
    expect(best(ended('1', {}, 5), ended('2', byClass, 50))).toBe('2');
  });
});

describe('charts', () => {
  const predictions: Predictions = {
    x_name: 'x', y_name: 'y', points: [{ x: 1, y: 2, predicted: 2.5, residual: -0.5 }], curve: { x: [1, 2], y: [2.5, 3] },
  };
  const points = { x_name: 'x', y_name: 'y', points: [[1, 2]] as [number, number][], total: 1, thinned: false };

  test('exact formulas stand a decade under the least error, so that a logarithm exists', () => {
    expect(floored(front)).toEqual([100, 0.02, 0.001]);
    expect(floored([member(1, 0)])).toEqual([1e-30]);
  });
  test('the front marks the chosen formula and the one shown', () => {
    const { series } = frontChart(front, 1, 2)(palette) as { series: { data: { value: number[]; itemStyle: { color: string; borderColor: string } }[] }[] };
    const data = series[0]?.data ?? [];
    expect(data.map(({ value }) => value)).toEqual([[1, 100], [5, 0.02], [11, 0.001]]);
    expect(data.map(({ itemStyle }) => itemStyle.color)).toEqual(['color-data', 'color-formula', 'color-data']);
    expect(data.map(({ itemStyle }) => itemStyle.borderColor)).toEqual(['color-surface', 'color-surface', 'color-text']);
  });
  test('a fit is a curve where there is one, else predicted points', () => {
    const kinds = (curve: Predictions['curve']) => {
      const option = fitChart(points, [{ kind: 'formula', label: 'f', predictions: { ...predictions, curve } }])(palette);
      return (option.series as { type: string; data: unknown }[]).map(({ type, data }) => [type, data]);
    };
    expect(kinds(predictions.curve)).toEqual([['scatter', [[1, 2]]], ['line', [[1, 2.5], [2, 3]]]]);
    expect(kinds(null)).toEqual([['scatter', [[1, 2]]], ['scatter', [[1, 2.5]]]]);
  });
  test('logarithmic scales are offered only where they can be drawn and help', () => {
    const of = (...pairs: [number, number][]) => allowsLog({ ...points, points: pairs });
    expect([of([1, 1], [100, 5]), of([0, 1], [100, 5]), of([1, 1], [2, 3]), of([1, -1], [100, 5]), of([1, 1])]).toEqual([true, false, false, false, false]);
  });
  test('residuals stand over the same axis, and everything can be had as a table', () => {
    const { series } = residualChart(predictions, 'straight')(palette) as { series: { data: unknown }[] };
    expect(series[0]?.data).toEqual([[1, -0.5]]);
    expect(pointsTable(points, [{ kind: 'formula', label: 'f', predictions }])).toEqual({ head: ['x', 'y', 'Predicted', 'Residual'], rows: [[1, 2, 2.5, -0.5]] });
    expect(pointsTable(points, [])).toEqual({ head: ['x', 'y'], rows: [[1, 2]] });
  });
});
