// All addresses of the application in one table, with the builder of every link.

export const patterns = {
  overview: '/',
  upload: '/data-sets/new',
  'data-set': '/data-sets/:id',
  jobs: '/jobs',
  job: '/jobs/:id',
} as const;

export type RouteName = keyof typeof patterns;
export type Route = { name: RouteName | 'unknown'; params: Record<string, string> };

/** The choices a page keeps in its address, so that a reload or a shared link shows the same view. */
export type View = Record<string, string | number | boolean | null | undefined>;

export function match(path: string): Route {
  const parts = split(path);
  for (const [name, pattern] of Object.entries(patterns) as [RouteName, string][]) {
    const params = matchParts(split(pattern), parts);
    if (params) return { name, params };
  }
  return { name: 'unknown', params: {} };
}

export function link(name: RouteName, params: Record<string, string> = {}, view: View = {}): string {
  const path = split(patterns[name]).map((part) =>
    part.startsWith(':') ? encodeURIComponent(params[part.slice(1)] ?? '') : part,
  );
  return '/' + path.join('/') + query(view);
}

/** Text of a query with a leading question mark; absent, empty and false choices are left out. */
export function query(view: View): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(view)) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    search.set(key, String(value));
  }
  const text = search.toString();
  return text ? '?' + text : '';
}

/** True for addresses that the application draws itself; the rest belongs to the server. */
export function isOwn(path: string): boolean {
  return !/^\/(api|apidocs|swagger|healthz|readyz|metrics)(\/|$)/.test(path);
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function matchParts(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [i, want] of pattern.entries()) {
    const got = parts[i] ?? '';
    if (want.startsWith(':')) {
      try {
        params[want.slice(1)] = decodeURIComponent(got);
      } catch {
        return null;
      }
    } else if (want !== got) return null;
  }
  return params;
}
