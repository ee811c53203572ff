// Data of the server as state: fetched when the path changes, shown at once from memory when seen before, and
// fetched again when a live event says that it is stale.
import { untrack } from 'svelte';
import { problemFrom, send } from './client.ts';
import { live } from './live.svelte.ts';
import { concerns } from './live.ts';
import type { Problem } from './types.ts';

const quietMs = 200;
const kept = 200;
const memory = new Map<string, unknown>();

export class Resource<T> {
  data = $state.raw<T | undefined>();
  problem = $state.raw<Problem | null>(null);
  isLoading = $state(true);
  /** The version of the data, for changes that must not overwrite somebody else's. */
  etag: string | null = null;
  #path: string | null = null;
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Follows a path; nothing is fetched for `null`. */
  follow(path: string | null) {
    if (path === this.#path) return;
    this.#path = path;
    this.data = path === null ? undefined : (memory.get(path) as T | undefined);
    this.problem = null;
    void this.reload();
  }

  /** Many events at once cause one request; the last event is never lost. */
  reloadSoon() {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.reload();
    }, quietMs);
  }

  async reload() {
    const path = this.#path;
    this.#abort?.abort();
    if (path === null) {
      this.isLoading = false;
      return;
    }
    const abort = (this.#abort = new AbortController());
    this.isLoading = true;
    try {
      const { data, etag } = await send<T>(path, { signal: abort.signal });
      if (abort.signal.aborted) return;
      remember(path, data);
      this.data = data;
      this.etag = etag;
      this.problem = null;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem = problemFrom(error);
      if (this.problem.status === 404) this.data = undefined;
    }
    this.isLoading = false;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort?.abort();
  }
}

/** To be called while a component starts. `topics` name the events that make the data stale. */
export function resource<T>(path: () => string | null, topics: string[] = [], subject?: () => string | null): Resource<T> {
  const held = new Resource<T>();
  $effect.pre(() => {
    const wanted = path();
    untrack(() => held.follow(wanted));
  });
  $effect(() => {
    const off = live.onChange((news) => {
      if (concerns(news, topics, subject?.())) held.reloadSoon();
    });
    return () => {
      off();
      held.stop();
    };
  });
  return held;
}

function remember(path: string, data: unknown) {
  memory.delete(path);
  memory.set(path, data);
  const oldest = memory.keys().next();
  if (memory.size > kept && !oldest.done) memory.delete(oldest.value);
}
