// The current address as state; links within the application change it without a page load.
import { isOwn, match, query, type Route, type View } from './routes.ts';

class Router {
  path = $state(location.pathname);
  search = $state(location.search);
  route: Route = $derived(match(this.path));
  view = $derived(new URLSearchParams(this.search));

  go(to: string, replace = false) {
    if (to === this.path + this.search) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    const moved = location.pathname !== this.path;
    this.#read();
    if (!moved) return;
    scrollTo(0, 0);
    // Else the focus stays on what is gone, and a screen reader says nothing.
    document.getElementById('content')?.focus({ preventScroll: true });
  }

  /** Changes some choices of the view and keeps the others. */
  choose(change: View, replace = true) {
    const next: View = Object.fromEntries(this.view);
    this.go(this.path + query({ ...next, ...change }), replace);
  }

  start() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#click(event));
  }

  #read() {
    this.path = location.pathname;
    this.search = location.search;
  }

  #click(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element | null)?.closest('a');
    if (!anchor?.href || anchor.target || anchor.hasAttribute('download')) return;
    const url = new URL(anchor.href);
    if (url.origin !== location.origin || !isOwn(url.pathname) || url.hash) return;
    event.preventDefault();
    this.go(url.pathname + url.search);
  }
}

export const router = new Router();
