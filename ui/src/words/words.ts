// Words of the application: one Fluent bundle made of all contexts' catalogues, the same that the server uses.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { catalogues } from './catalogues.ts';

export type WordArgs = Record<string, FluentVariable>;

const bundle = new FluentBundle('en', { useIsolating: false });
for (const text of catalogues) bundle.addResource(new FluentResource(text), { allowOverrides: false });

/** The words for a key; an unknown key shows itself, which the tests find. */
export function t(key: string, args?: WordArgs): string {
  return known(key, args) ?? key;
}

/** The words for a key that the server chose, or null when this catalogue does not know it. */
export function known(key: string, args?: WordArgs): string | null {
  const message = bundle.getMessage(key);
  if (!message?.value) return null;
  return bundle.formatPattern(message.value, args ?? {}, []);
}
