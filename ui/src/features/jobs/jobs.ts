// Jobs as lists and facts.
import type { Job, JobCounts, OverviewItem, Progress, State } from '../../api/types.ts';
import type { Fact } from '../../parts/Facts.svelte';
import type { Column } from '../../parts/table.ts';
import { ago, duration, secondsBetween, soon, time } from '../../words/format.ts';
import { known, t } from '../../words/words.ts';

export const states: State[] = ['running', 'waiting', 'failed', 'cancelled', 'done'];

/** The job as the live stream knows it by now. */
export function withProgress(job: Job, news: Progress | undefined): Job {
  if (!news || job.state !== 'running') return job;
  return { ...job, progress: news.progress ?? job.progress, progress_note: news.note ?? job.progress_note };
}

export function allOf(counts: JobCounts): number {
  return states.reduce((sum, state) => sum + counts[state], 0);
}

export function canCancel(job: Job): boolean {
  return (job.state === 'waiting' || job.state === 'running') && !job.cancel_requested;
}

export function canRetry(job: Job): boolean {
  return job.state === 'failed' || job.state === 'cancelled';
}

/** Why a job waits that has run before, and when it goes on; null for one that has not, and for those that run or ended. */
export function setback(job: Job, now: number): string | null {
  if (job.state !== 'waiting' || job.attempt === 0) return null;
  const isDue = !job.run_at || Date.parse(job.run_at) <= now;
  const when = isDue ? t('job-again-soon') : t('job-again-at', { at: soon(job.run_at ?? '', now) });
  const what = t(job.error ? 'job-setback' : 'job-interrupted', { attempt: String(job.attempt), most: String(job.max_attempts), when });
  return job.error ? `${what}: ${job.error}` : what;
}

/** The jobs that wait after a setback, by what they work on. */
export function setbacks(jobs: Job[]): ReadonlyMap<string, Job> {
  return new Map(jobs.flatMap((job) => (job.subject && setback(job, 0) ? [[job.subject.id, job]] : [])));
}

export function kindText(kind: string): string {
  return known('jobs', `kind-of-job-${kind.replaceAll('.', '-')}`) ?? kind.replaceAll(/[-_.]/g, ' ');
}

/** A job's title; some have none but their kind. */
export function titleText(job: Job): string {
  return job.title === job.kind ? kindText(job.kind) : job.title;
}

/** Names of data sets by their ids. */
export type Names = ReadonlyMap<string, string>;

export function namesOf(items: OverviewItem[]): Names {
  return new Map(items.map(({ data_set }) => [data_set.id, data_set.name]));
}

export function dataSetName(job: Job, names: Names): string {
  return names.get(job.subject?.data_set_id ?? '') ?? '';
}

export function jobColumns(now: () => number, names: () => Names): Column<Job>[] {
  return [
    { key: 'state', label: t('job-state'), value: (job) => job.state, isNarrow: true },
    { key: 'title', label: t('job-title'), value: titleText, share: '100%' },
    { key: 'data_set', label: t('overview-data-set'), value: (job) => dataSetName(job, names()), isFileOnly: true },
    { key: 'kind', label: t('job-kind'), value: (job) => job.kind, isFileOnly: true },
    { key: 'service', label: t('job-service'), value: (job) => job.service, isFileOnly: true },
    { key: 'progress', label: t('job-progress'), value: (job) => job.progress, isNarrow: true, isSpare: true },
    { key: 'attempt', label: t('job-attempt'), value: (job) => job.attempt, isFileOnly: true },
    { key: 'took', label: t('job-took'), value: tookSeconds, text: (job) => duration(tookSeconds(job)), isNumber: true, isNarrow: true, isSpare: true },
    { key: 'created_at', label: t('job-created'), value: (job) => job.created_at, text: (job) => ago(job.created_at, now()), isNumber: true, isNarrow: true, isSpare: true },
  ];
}

export function jobFacts(job: Job): Fact[] {
  return [
    { name: t('job-kind'), value: kindText(job.kind) },
    { name: t('job-service'), value: job.service },
    { name: t('job-queue'), value: job.queue },
    { name: t('job-priority'), value: String(job.priority) },
    { name: t('job-attempt'), value: `${job.attempt} / ${job.max_attempts}` },
    { name: t('job-took'), value: duration(tookSeconds(job)) },
  ];
}

/** What happened to a job, in order. */
export function timeline(job: Job): { label: string; at: string; note?: string }[] {
  const steps = [{ label: t('timeline-created'), at: job.created_at as string | null }];
  steps.push({ label: t('timeline-started', { attempt: String(job.attempt) }), at: job.started_at });
  if (job.state === 'waiting' && job.run_at) steps.push({ label: t('timeline-planned'), at: job.run_at });
  if (job.finished_at) steps.push({ label: t(`timeline-${job.state}`), at: job.finished_at });
  return steps.filter(({ at }) => at !== null).map(({ label, at }) => ({ label, at: time(at) }));
}

function tookSeconds(job: Job): number | null {
  return secondsBetween(job.started_at, job.finished_at);
}
