// Charts of a data set: measured points with the curves that explain them, and what the curves miss.
import type { Band, DataSetDetail, Points, Predictions } from '../../api/types.ts';
import { axis, frame, type Draw, type Option } from '../../parts/chart.ts';
import type { Palette } from '../../parts/palette.ts';
import type { Cell } from '../../words/csv.ts';
import { number } from '../../words/format.ts';
import { t } from '../../words/words.ts';
import { numeric } from './numbers.ts';

/** What is drawn against what: the wanted columns where they hold numbers, else the first that do; null where there are not two. */
export function axes(dataSet: DataSetDetail, x: string | null | undefined, y: string | null | undefined): { x: string; y: string } | null {
  const columns = numeric(dataSet);
  const vertical = columns.find((name) => name === y) ?? columns.at(-1);
  const others = columns.filter((name) => name !== vertical);
  const horizontal = others.find((name) => name === x) ?? others[0];
  return vertical && horizontal ? { x: horizontal, y: vertical } : null;
}

export type Explained = { kind: 'formula' | 'straight'; label: string; predictions: Predictions };

/** Logarithmic scales are offered where every measured number is positive and they spread over a decade. */
export function allowsLog({ points }: Points): boolean {
  const spread = [0, 1].map((i) => points.map((point) => point[i] ?? NaN));
  return points.length > 1 && spread.every((values) => values.every((value) => value > 0)) && spread.some((values) => Math.max(...values) > 10 * Math.min(...values));
}

export function fitChart(points: Points, explained: Explained[], isLog = false, unit: (name: string) => string | null = () => null): Draw {
  const named = (name: string) => (unit(name) ? `${name} [${unit(name)}]` : name);
  return (palette) => ({
    ...frame(palette),
    xAxis: axis(palette, { name: named(points.x_name), isLog }, 'x'),
    yAxis: axis(palette, { name: named(points.y_name), isLog }, 'y'),
    dataZoom: [{ type: 'inside', filterMode: 'none', zoomOnMouseWheel: 'ctrl', preventDefaultMouseMove: false }],
    series: [dots(points, palette), ...explained.flatMap((one) => [explanation(one, palette), ...bands(one, palette)])],
  });
}

/** Residuals over the same axis; the zero line is where the formula hits. */
export function residualChart(predictions: Predictions, kind: Explained['kind'], isLog = false): Draw {
  return (palette) => ({
    ...frame(palette),
    grid: { left: 62, right: 12, top: 8, bottom: 40, outerBoundsMode: 'none' },
    xAxis: axis(palette, { name: predictions.x_name, isLog }, 'x'),
    yAxis: symmetric(axis(palette, {}, 'y')),
    series: [
      {
        type: 'scatter',
        name: t('residual'),
        data: predictions.points.map(({ x, residual }) => [x, residual]),
        symbolSize: predictions.points.length > 300 ? 3 : 5,
        itemStyle: { color: palette[kind], opacity: 0.75 },
        tooltip: { formatter: tooltip(predictions.x_name, t('residual')) },
        markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: palette.line, type: 'dashed' }, data: [{ yAxis: 0 }] },
      },
    ],
  });
}

export function pointsTable(points: Points, explained: Explained[]): { head: string[]; rows: Cell[][] } {
  const [first] = explained;
  if (!first) return { head: [points.x_name, points.y_name], rows: points.points };
  return {
    head: [points.x_name, points.y_name, t('predicted'), t('residual')],
    rows: first.predictions.points.map(({ x, y, predicted, residual }) => [x, y, predicted, residual]),
  };
}

type Range = { min: number; max: number };
const reach = ({ min, max }: Range) => 1.1 * Math.max(Math.abs(min), Math.abs(max)) || 1;
/** Zero in the middle, so that a leaning to one side is seen. */
function symmetric(y: Option): Option {
  const axisLabel = { ...(y.axisLabel as object), showMinLabel: false, showMaxLabel: false };
  return { ...y, axisLabel, min: (range: Range) => -reach(range), max: (range: Range) => reach(range), splitNumber: 3 };
}

function dots(points: Points, palette: Palette): Option {
  return {
    type: 'scatter',
    name: t('measured'),
    data: points.points,
    symbolSize: points.points.length > 600 ? 3.5 : points.points.length > 60 ? 5 : 8,
    itemStyle: { color: palette.data, opacity: points.points.length > 200 ? 0.45 : 0.8 },
    tooltip: { formatter: tooltip(points.x_name, points.y_name) },
    large: points.points.length > 3000,
  };
}

/** A curve where there is one input; else the predicted value at each measured place. */
function explanation({ kind, label, predictions }: Explained, palette: Palette): Option {
  const color = palette[kind];
  const tip = { formatter: tooltip(predictions.x_name, label) };
  const { curve } = predictions;
  if (!curve) {
    const data = predictions.points.map(({ x, predicted }) => [x, predicted]);
    return { type: 'scatter', name: label, data, symbol: 'diamond', symbolSize: 6, itemStyle: { color, opacity: 0.8 }, tooltip: tip };
  }
  const data = curve.x.map((x, i) => [x, curve.y[i]]);
  return { type: 'line', name: label, data, showSymbol: false, lineStyle: { color, width: 2.2, type: kind === 'straight' ? 'dashed' : 'solid' }, itemStyle: { color }, tooltip: tip, z: 3 };
}

/** The ends of the bands around a curve: of the mean, and of a single new row. */
function bands({ kind, predictions }: Explained, palette: Palette): Option[] {
  const { curve } = predictions;
  if (!curve) return [];
  const end = (name: string, values: number[], opacity: number): Option => ({
    type: 'line', name, data: curve.x.map((x, i) => [x, values[i]]), showSymbol: false, silent: true, z: 2,
    lineStyle: { color: palette[kind], width: 1, opacity, type: 'dotted' },
  });
  const both = (name: string, band: Band | null | undefined, opacity: number) => (band ? [end(name, band.low, opacity), end(name, band.high, opacity)] : []);
  return [...both(t('band-mean'), curve.mean, 0.9), ...both(t('band-single'), curve.single, 0.5)];
}

function tooltip(x: string, y: string): (item: { value: [number, number] }) => string {
  return ({ value }) => `${x}  ${number(value[0], 6)}\n${y}  ${number(value[1], 6)}`;
}
