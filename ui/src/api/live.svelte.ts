// The one stream of live events of this tab; resources and progress bars listen here.
import { SvelteMap } from 'svelte/reactivity';
import { base } from './client.ts';
import { newer, pauseBefore } from './live.ts';
import type { Changed, Progress } from './types.ts';

const resumed: Changed = { type: 'live.resumed', subject: '', service: '' };

type Listener = (news: Changed) => void;

class Live {
  state = $state<'connecting' | 'open' | 'lost'>('connecting');
  /** While paused the page stays as it is; everything is read again when the pause ends. */
  isPaused = $state(false);
  progress = new SvelteMap<string, Progress>();
  #listeners = new Set<Listener>();
  #attempt = 0;
  #wasOpen = false;

  start() {
    const source = new EventSource(`${base}/live`);
    source.onopen = () => this.#opened();
    source.onerror = () => this.#failed(source);
    source.addEventListener('changed', (event) => this.#tell(JSON.parse(event.data) as Changed));
    source.addEventListener('progress', (event) => this.#report(JSON.parse(event.data) as Progress));
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  pause(isPaused: boolean) {
    this.isPaused = isPaused;
    if (!isPaused) this.#tell(resumed);
  }

  #opened() {
    this.state = 'open';
    this.#attempt = 0;
    // Something may have been missed while the stream was down, so everything on the page is read again.
    if (this.#wasOpen) this.#tell(resumed);
    this.#wasOpen = true;
  }

  #failed(source: EventSource) {
    this.state = 'lost';
    // The browser connects again by itself unless the server refused; then it gives up and we go on.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(() => this.start(), pauseBefore(this.#attempt++));
  }

  #tell(news: Changed) {
    if (this.isPaused) return;
    if (news.type.endsWith('.job.changed')) this.progress.delete(news.subject);
    for (const listener of this.#listeners) listener(news);
  }

  #report(news: Progress) {
    if (this.isPaused) return;
    this.progress.set(news.job_id, newer(this.progress.get(news.job_id), news));
  }
}

export const live = new Live();
