// The colours of the theme for charts, which are drawn on a canvas and cannot use CSS variables.

export type Palette = Record<'text' | 'muted' | 'line' | 'gridLine' | 'surface' | 'data' | 'formula' | 'straight' | 'accent' | 'good', string>;

const tokens: Record<keyof Palette, string> = {
  text: '--text',
  muted: '--faint',
  line: '--line-strong',
  gridLine: '--grid-line',
  surface: '--raised',
  data: '--series-data',
  formula: '--series-formula',
  straight: '--series-line',
  accent: '--accent',
  good: '--good',
};

/** Resolved by the browser itself, as the tokens depend on the theme. */
export function paletteOf(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.append(probe);
  const read = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const palette = Object.fromEntries(Object.entries(tokens).map(([name, token]) => [name, read(token)])) as Palette;
  probe.remove();
  return palette;
}
