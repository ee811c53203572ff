// What all charts have in common: axes, grid and tooltip in the colours of the theme.
import type { EChartsCoreOption } from 'echarts/core';
import { number } from '../words/format.ts';
import type { Palette } from './palette.ts';

export type Option = EChartsCoreOption;
export type Draw = (palette: Palette) => Option;

const face = "'Inter Variable', system-ui, sans-serif";

export function frame(palette: Palette): Option {
  return {
    animationDuration: 250,
    animationDurationUpdate: 250,
    textStyle: { fontFamily: face },
    // Fixed, so that charts above each other share their vertical lines.
    grid: { left: 62, right: 12, top: 26, bottom: 40, outerBoundsMode: 'none' },
    tooltip: {
      // Drawn on the canvas, because the content security policy allows no style attributes.
      renderMode: 'richText',
      backgroundColor: palette.surface,
      borderColor: palette.gridLine,
      textStyle: { color: palette.text, fontSize: 12, fontFamily: face },
    },
  };
}

export type AxisKind = { name?: string; isLog?: boolean; isWhole?: boolean };

/** A little air at both ends, so that no point sits on the frame. */
const air = 0.03;

export function axis(palette: Palette, { name, isLog = false, isWhole = false }: AxisKind, side: 'x' | 'y'): Option {
  return {
    type: isLog ? 'log' : 'value',
    name,
    nameLocation: side === 'x' ? 'middle' : 'end',
    nameGap: side === 'x' ? 24 : 10,
    nameTextStyle: { color: palette.muted, fontSize: 11, align: side === 'x' ? 'center' : 'right' },
    scale: true,
    minInterval: isWhole ? 1 : undefined,
    ...(side === 'x' && !isLog ? padded : {}),
    axisLine: { show: side === 'x', lineStyle: { color: palette.line }, onZero: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.gridLine } },
    axisLabel: { ...(side === 'x' && !isLog ? { showMinLabel: false, showMaxLabel: false } : {}), color: palette.muted, fontSize: 11, hideOverlap: true, formatter: (value: number) => number(value, 4) },
  };
}

type Range = { min: number; max: number };
const padded = {
  min: ({ min, max }: Range) => min - air * (max - min || 1),
  max: ({ min, max }: Range) => max + air * (max - min || 1),
};
