// Findings and reasons as words of their context; a code without words shows its facts plainly.
import type { Args, Finding, Reason } from '../api/types.ts';
import type { Context } from '../words/catalogues.ts';
import { number } from '../words/format.ts';
import { known, t, type WordArgs } from '../words/words.ts';

export function findingText(finding: Finding, context: Context): string {
  const { row, column, element } = finding.subject ?? {};
  const args = wordArgs({ row, column, element, ...finding.args });
  return known(context, keyOf('finding', finding.code), args) ?? plain(finding.code, finding.args);
}

export function reasonText(reason: Reason): string {
  return known('symbolic', keyOf('reason', reason.code), wordArgs(reason.args)) ?? plain(reason.code, reason.args);
}

export function findingPlace(finding: Finding): string {
  const { row, column } = finding.subject ?? {};
  const parts = [
    row !== null && row !== undefined ? t('problem-row', { row: String(row) }) : '',
    column !== null && column !== undefined ? t('problem-column', { column: String(column) }) : '',
  ];
  return parts.filter(Boolean).join(', ');
}

function keyOf(kind: string, code: string): string {
  return `${kind}-${code.replaceAll('_', '-')}`;
}

function plain(code: string, args: Args): string {
  const facts = Object.entries(args ?? {}).map(([key, value]) => `${key} ${typeof value === 'number' ? number(value) : value}`);
  const words = code.replaceAll(/[-_.]/g, ' ');
  return facts.length ? `${words} (${facts.join(', ')})` : words;
}

/** Whole numbers stay numbers, because plurals depend on them; measured ones become readable text. */
function wordArgs(args: Args): WordArgs {
  const entries = Object.entries(args ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, wordArg(value)]));
}

function wordArg(value: unknown): string | number {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e7 ? value : number(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
}
