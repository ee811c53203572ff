// What a visit costs: the build fails when the first load or the chart library grows beyond its budget.
import { gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';

const kB = 1000;
export const budgets = { firstLoad: 120 * kB, lazyChunk: 230 * kB };

export type Piece = { name: string; bytes: number; isLazy: boolean };

/** Complaints about pieces; the first load is everything that is not lazy, including the text face. */
export function overweight(pieces: Piece[]): string[] {
  const first = pieces.filter(({ isLazy }) => !isLazy).reduce((sum, { bytes }) => sum + bytes, 0);
  const complaints = pieces
    .filter(({ isLazy, bytes }) => isLazy && bytes > budgets.lazyChunk)
    .map(({ name, bytes }) => `${name} weighs ${bytes} bytes compressed, allowed are ${budgets.lazyChunk}`);
  if (first > budgets.firstLoad) complaints.push(`the first load weighs ${first} bytes compressed, allowed are ${budgets.firstLoad}`);
  return complaints;
}

export function weight(): Plugin {
  return {
    name: 'weight',
    apply: 'build',
    generateBundle(_options, bundle) {
      const complaints = overweight(Object.values(bundle).flatMap(piece));
      if (complaints.length) this.error(complaints.join('\n'));
    },
  };
}

function piece(output: Rollup.OutputAsset | Rollup.OutputChunk): Piece[] {
  const name = output.fileName;
  if (output.type === 'chunk') return [{ name, bytes: gzipSync(output.code).length, isLazy: !output.isEntry }];
  if (name.endsWith('.css') || name.endsWith('.html')) return [{ name, bytes: gzipSync(output.source).length, isLazy: false }];
  // Of the faces only the Latin text face is fetched on every visit; it is compressed already.
  if (name.includes('inter-latin-wght')) return [{ name, bytes: output.source.length, isLazy: false }];
  return [];
}
