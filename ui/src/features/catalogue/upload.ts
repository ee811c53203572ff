// Sending a table to the catalogue, with progress, and what the page shows of it before.
import { base, parseProblem, ProblemError } from '../../api/client.ts';
import type { DataSetDetail, ProblemField } from '../../api/types.ts';
import { query } from '../../routes.ts';
import { t } from '../../words/words.ts';

export type UploadChoices = { name: string; description: string; target: string; delimiter: string; decimal: string; header: string };
export type PreviewLine = { row: number; text: string; isNamed: boolean };

export const previewBytes = 256 * 1024;

/** Where a table goes: a new data set, or a new version of the given one. */
export function uploadPath(choices: UploadChoices, of: string | null = null): string {
  const { name, description, target, delimiter, decimal, header } = choices;
  const unlessAuto = (value: string) => (value === 'auto' ? null : value);
  const reading = { delimiter: unlessAuto(delimiter), decimal: unlessAuto(decimal), header: unlessAuto(header) };
  if (of) return `/datasets/${of}/versions${query({ target, ...reading })}`;
  return `/datasets${query({ name, description, target, ...reading })}`;
}

/** A data set's name made of its file's name. */
export function nameFrom(fileName: string): string {
  return fileName.replace(/\.(csv|tsv|tab|txt|dat)$/i, '').replace(/[_-]+/g, ' ').trim();
}

/** The text of a file's first bytes as the server will read it, or null where they are no text. */
export function decoded(bytes: Uint8Array): string | null {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  if (bytes.includes(0)) return null;
  try {
    // The last character may be cut.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The first lines, and the lines a problem names with one neighbour on each side; rows count from 1. */
export function preview(text: string, errors: ProblemField[] = [], most = 6): PreviewLine[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  const named = new Set(errors.map(({ row }) => row).filter((row) => row !== null && row !== undefined));
  const shown = new Set(Array.from({ length: Math.min(most, lines.length) }, (_, i) => i + 1));
  for (const row of [...named].slice(0, 5)) [row - 1, row, row + 1].forEach((near) => shown.add(near));
  return [...shown]
    .filter((row) => row >= 1 && row <= lines.length)
    .toSorted((a, b) => a - b)
    .map((row) => ({ row, text: lines[row - 1] ?? '', isNamed: named.has(row) }));
}

/** Sends a table; with the same key it is stored once, however often it is sent. fetch cannot tell how much of a body is sent; XMLHttpRequest can. */
export function upload(body: Blob, path: string, key: string, onsent: (share: number) => void, signal: AbortSignal): Promise<DataSetDetail> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', base + path);
    request.setRequestHeader('content-type', 'text/csv');
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('idempotency-key', key);
    request.upload.onprogress = (event) => event.lengthComputable && onsent(event.loaded / event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as DataSetDetail);
      else reject(new ProblemError(parseProblem(request.status, request.statusText, request.responseText)));
    };
    request.onerror = () => reject(new ProblemError({ type: 'urn:quorate:problem:unreachable', title: t('problem-broken-title'), status: 0, detail: t('problem-broken-text') }));
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}
