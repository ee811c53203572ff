// The one stream of live events of this tab; resources and progress bars listen here.
import { SvelteMap } from 'svelte/reactivity';
import { base } from './client.ts';
import { newer, pauseBefore } from './live.ts';
import type { Changed, Progress } from './types.ts';

type Listener = (news: Changed) => void;

class Live {
  state = $state<'connecting' | 'open' | 'lost'>('connecting');
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

  #opened() {
    this.state = 'open';
    this.#attempt = 0;
    // Something may have been missed while the stream was down, so everything on the page is read again.
    if (this.#wasOpen) this.#tell({ type: 'live.resumed', subject: '', service: '' });
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
    for (const listener of this.#listeners) listener(news);
  }

  #report(news: Progress) {
    this.progress.set(news.job_id, newer(this.progress.get(news.job_id), news));
  }
}

export const live = new Live();
