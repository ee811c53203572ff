// The front as a chart: error over size, on a logarithmic scale, with the chosen formula marked.
import type { Member } from '../../api/types.ts';
import { axis, frame, type Draw } from '../../parts/chart.ts';
import { number } from '../../words/format.ts';
import { t } from '../../words/words.ts';

/** Exact formulas have errors of rounding only; they stand on a common floor, a decade under the least real error. */
export function floored(front: Member[]): number[] {
  const real = front.filter((member) => member.mse > 0).map((member) => member.mse);
  const floor = real.length ? 10 ** (Math.floor(Math.log10(Math.min(...real))) - 1) : 1e-30;
  return front.map((member) => Math.max(member.mse, floor));
}

export function frontChart(front: Member[], chosen: number | null, shown: number | null): Draw {
  return (palette) => {
    const errors = floored(front);
    return {
      ...frame(palette),
      xAxis: axis(palette, { name: t('member-size'), isWhole: true }, 'x'),
      yAxis: axis(palette, { name: t('member-mse'), isLog: true }, 'y'),
      series: [
        {
          type: 'line',
          name: t('front-title'),
          step: 'end',
          cursor: 'pointer',
          lineStyle: { color: palette.line, width: 1.2 },
          showSymbol: true,
          symbol: 'circle',
          data: front.map((member, i) => ({
            value: [member.size, errors[i]],
            symbolSize: i === shown ? 13 : i === chosen ? 11 : 8,
            itemStyle: {
              color: i === chosen ? palette.formula : palette.data,
              borderColor: i === shown ? palette.text : palette.surface,
              borderWidth: i === shown ? 2 : 1,
            },
          })),
          tooltip: { formatter: ({ dataIndex }: { dataIndex: number }) => told(front[dataIndex]) },
        },
      ],
    };
  };
}

function told(member: Member | undefined): string {
  if (!member) return '';
  const text = member.formula.text.length > 80 ? member.formula.text.slice(0, 79) + '…' : member.formula.text;
  return `${text}\n${t('member-size')} ${member.size} · ${t('member-mse')} ${number(member.mse, 3)}`;
}
