// Short messages at the corner of the page; they leave by themselves, problems stay longer.
import { problemFrom } from '../api/client.ts';

export type Toast = { id: number; tone: 'good' | 'bad'; text: string };

class Toasts {
  items = $state<Toast[]>([]);
  #next = 1;

  tell(text: string) {
    this.#push('good', text, 4000);
  }

  /** Shows why an action did not work. */
  fail(error: unknown) {
    const { title, detail } = problemFrom(error);
    this.#push('bad', detail && detail !== title ? `${title}: ${detail}` : title, 10_000);
  }

  close(id: number) {
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  #push(tone: Toast['tone'], text: string, stayMs: number) {
    const id = this.#next++;
    this.items.push({ id, tone, text });
    setTimeout(() => this.close(id), stayMs);
  }
}

export const toasts = new Toasts();
