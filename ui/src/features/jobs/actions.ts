// What can be done with a job; each action tells how it went.
import { send } from '../../api/client.ts';
import type { Job } from '../../api/types.ts';
import { toasts } from '../../parts/toasts.svelte.ts';
import { t } from '../../words/words.ts';

export async function cancel(job: Job): Promise<void> {
  await act(job, 'cancellation', 'job-cancelling');
}

export async function retry(job: Job): Promise<void> {
  await act(job, 'retry', 'job-retrying');
}

async function act(job: Job, action: string, words: string): Promise<void> {
  try {
    await send(`/jobs/${job.id}/${action}`, { method: 'POST' });
    toasts.tell(t(words, { title: job.title }));
  } catch (error) {
    toasts.fail(error);
  }
}
