// Keys that work on every page: `g` followed by a letter goes to a page.
import type { RouteName } from '../../routes.ts';

export const goKeys: Record<string, RouteName> = { d: 'overview', u: 'upload', j: 'jobs' };

/** `/` puts the cursor into the page's own search field. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  field?.focus();
  return field !== null;
}

/** True where letters belong to a text and not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (typeof Element === 'undefined' || !(target instanceof Element)) return false;
  return target.closest('input, textarea, select, [contenteditable], dialog[open]') !== null;
}
