// Tables as CSV (RFC 4180), and files the browser saves.

export type Cell = string | number | boolean | null | undefined;

export function toCsv(head: string[], rows: Cell[][]): string {
  return [head, ...rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}

export function save(name: string, content: Blob | string, type = 'text/csv') {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A file name made of any text. */
export function fileName(text: string, extension: string): string {
  const plain = text.normalize('NFKD').replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60);
  return `${plain || 'table'}.${extension}`;
}

function field(value: Cell): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
