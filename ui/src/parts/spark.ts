// Tiny pictures of data: points placed in a box, for lists.

export const sparkWidth = 76;
export const sparkHeight = 40;
const margin = 4;

export type Dot = { x: number; y: number };

/** Points in the picture's own coordinates, at most `most` of them, evenly taken from their order. */
export function place(points: [number, number][], most = 60): Dot[] {
  const finite = points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const step = Math.max(1, finite.length / most);
  const taken = Array.from({ length: Math.min(most, finite.length) }, (_, i) => finite[Math.floor(i * step)]).filter((point) => point !== undefined);
  const x = scale(taken.map((point) => point[0]), margin, sparkWidth - margin);
  const y = scale(taken.map((point) => point[1]), sparkHeight - margin, margin);
  return taken.map((point) => ({ x: round(x(point[0])), y: round(y(point[1])) }));
}

function scale(values: number[], from: number, to: number): (value: number) => number {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return (value) => (high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
