// What live events mean for the page: which data are stale, and how far a job is. Pure, so that it is tested.
import type { Changed, Progress, State } from './types.ts';

const ended: State[] = ['done', 'failed', 'cancelled'];

/** True when the news is about one of the given nouns (`catalogue.data-set`, `jobs`) and, if told, about this subject. */
export function concerns(news: Changed, topics: string[], subject?: string | null): boolean {
  if (news.type === 'live.resumed') return true;
  const topic = topics.some((wanted) => news.type === wanted || news.type.startsWith(wanted + '.') || isJob(news, wanted));
  return topic && (!subject || !news.subject || news.subject === subject);
}

/** The newer of two reports on one job: late reports never bring back a job that ended, nor move a bar backwards. */
export function newer(known: Progress | undefined, news: Progress): Progress {
  if (!known) return news;
  if (ended.includes(known.state) && news.state === 'running') return known;
  if (known.state !== news.state || news.progress === null || known.progress === null) return news;
  return { ...news, progress: Math.max(known.progress, news.progress) };
}

/** Milliseconds to wait before the given attempt to connect again: doubling, at most 15 s. */
export function pauseBefore(attempt: number): number {
  return Math.min(15_000, 500 * 2 ** Math.min(attempt, 8));
}

function isJob(news: Changed, wanted: string): boolean {
  return wanted === 'jobs' && news.type.endsWith('.job.changed');
}
