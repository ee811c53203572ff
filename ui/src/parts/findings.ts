// Findings and reasons as words; a code without words shows its facts plainly.
import type { Args, Finding, Reason } from '../api/types.ts';
import { number } from '../words/format.ts';
import { known, t, type WordArgs } from '../words/words.ts';

export function findingText(finding: Finding): string {
  const { row, column, element } = finding.subject ?? {};
  const args = wordArgs({ row, column, element, ...finding.args });
  return known(`finding-${finding.code}`, args) ?? plain(finding.code, finding.args);
}

export function reasonText(reason: Reason): string {
  return known(`reason-${reason.code}`, wordArgs(reason.args)) ?? plain(reason.code, reason.args);
}

export function findingPlace(finding: Finding): string {
  const { row, column, element } = finding.subject ?? {};
  const parts = [
    row !== null && row !== undefined ? t('problem-row', { row }) : '',
    column !== null && column !== undefined ? t('problem-column', { column }) : '',
    element ?? '',
  ];
  return parts.filter(Boolean).join(', ');
}

function plain(code: string, args: Args): string {
  const facts = Object.entries(args ?? {}).map(([key, value]) => `${key} ${typeof value === 'number' ? number(value) : value}`);
  const words = code.replaceAll(/[-_.]/g, ' ');
  return facts.length ? `${words} (${facts.join(', ')})` : words;
}

function wordArgs(args: Args): WordArgs {
  const entries = Object.entries(args ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'number' ? value : String(value)]));
}
