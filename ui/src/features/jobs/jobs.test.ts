// What a job shows and allows.
import { expect, test } from 'vitest';
import type { Job } from '../../api/types.ts';
import { allOf, canCancel, canRetry, jobColumns, setback, setbacks, timeline, titleText, withProgress } from './jobs.ts';

const job = (part: Partial<Job>): Job => ({
  id: 'j', service: 'symbolic', kind: 'search', title: 'T', subject: { kind: 'search', id: 's', data_set_id: 'd' }, state: 'running', queue: 'q',
  priority: 0, progress: 0.1, progress_note: null, attempt: 1, max_attempts: 3, crash_count: 0, cancel_requested: false,
  created_at: '2026-01-01T00:00:00Z', run_at: null, started_at: '2026-01-01T00:00:01Z', finished_at: null, error: null, ...part,
});

test('a running job takes the live progress, an ended one does not', () => {
  const news = { job_id: 'j', service: 'symbolic', kind: 'search', subject_id: 's', state: 'running' as const, progress: 0.6, note: 'half' };
  expect(withProgress(job({}), news)).toMatchObject({ progress: 0.6, progress_note: 'half' });
  expect(withProgress(job({ state: 'done', progress: 1 }), news).progress).toBe(1);
});
test('all jobs are those of all states', () => {
  expect(allOf({ waiting: 1, running: 2, done: 3000, failed: 4, cancelled: 5 })).toBe(3012);
});
test('only living jobs can be cancelled, only ended ones tried again', () => {
  expect(canCancel(job({}))).toBe(true);
  expect(canCancel(job({ cancel_requested: true }))).toBe(false);
  expect(canCancel(job({ state: 'done' }))).toBe(false);
  expect([job({ state: 'failed' }), job({ state: 'cancelled' }), job({ state: 'done' }), job({})].map(canRetry)).toEqual([true, true, false, false]);
});
test('the timeline holds what happened, in order', () => {
  expect(timeline(job({ state: 'failed', finished_at: '2026-01-01T00:00:05Z' })).map(({ label }) => label)).toEqual(['Created', 'Attempt 1 started', 'Failed']);
  const again = job({ state: 'waiting', run_at: '2026-01-01T00:05:00Z' });
  expect(timeline(again).map(({ label }) => label)).toEqual(['Created', 'Attempt 1 started', 'Next attempt planned']);
  expect(timeline(job({ state: 'waiting', run_at: '2026-01-01T00:05:00Z', started_at: null })).map(({ label }) => label)).toEqual(['Created', 'Next attempt planned']);
});
test('a job that failed and waits says so, with the time and the reason', () => {
  const now = Date.parse('2026-01-01T12:00:00');
  const waiting = job({ state: 'waiting', run_at: new Date(now + 60_000).toISOString(), error: 'its worker died' });
  expect(setback(waiting, now)).toMatch(/^Attempt 1 of 3 failed, tries again at 12:01\sPM: its worker died$/);
  expect(setback({ ...waiting, run_at: null }, now)).toBe('Attempt 1 of 3 failed, tries again as soon as possible: its worker died');
  expect(setback({ ...waiting, run_at: null, error: null }, now)).toBe('Attempt 1 of 3 was interrupted, tries again as soon as possible');
  expect([{ attempt: 0 }, { state: 'running' as const }, { state: 'failed' as const }].map((part) => setback({ ...waiting, ...part }, now))).toEqual([null, null, null]);
  expect([...setbacks([waiting, job({}), { ...waiting, subject: null }]).keys()]).toEqual(['s']);
});
test('the data set of a job is told by its name', () => {
  const column = jobColumns(() => 0, () => new Map([['d', 'Kepler']])).find(({ key }) => key === 'data_set');
  expect(column?.value(job({}))).toBe('Kepler');
  expect(column?.value(job({ subject: null }))).toBe('');
  expect([titleText(job({ title: 'y by x' })), titleText(job({ title: 'search' }))]).toEqual(['y by x', 'Formula search']);
});
test('durations are exported as seconds', () => {
  const took = jobColumns(() => 0, () => new Map()).find(({ key }) => key === 'took');
  expect(took?.value(job({ finished_at: '2026-01-01T00:00:03.500Z' }))).toBe(2.5);
  expect(took?.value(job({}))).toBeNull();
});
