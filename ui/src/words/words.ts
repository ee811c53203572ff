// Words of the application, from the Fluent catalogues that the server uses too.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { catalogues, type Context } from './catalogues.ts';

export type WordArgs = Record<string, FluentVariable>;

const bundles = Object.fromEntries(
  Object.entries(catalogues).map(([context, text]) => {
    const bundle = new FluentBundle('en', { useIsolating: false });
    bundle.addResource(new FluentResource(text));
    return [context, bundle];
  }),
) as Record<Context, FluentBundle>;

/** The application's own words for a key; an unknown key shows itself, which the tests find. */
export function t(key: string, args?: WordArgs): string {
  return known('ui', key, args) ?? key;
}

/** A context's words for a key that the server chose, or null when its catalogue does not know it. */
export function known(context: Context, key: string, args: WordArgs = {}): string | null {
  const bundle = bundles[context];
  const message = bundle.getMessage(key);
  return message?.value ? bundle.formatPattern(message.value, args, []) : null;
}
