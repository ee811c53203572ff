// Live events: which data they make stale, and how reports on a job are merged.
import { describe, expect, test } from 'vitest';
import { concerns, newer, pauseBefore } from './live.ts';
import type { Changed, Progress } from './types.ts';

const changed = (type: string, subject = 's1'): Changed => ({ type, subject, service: 'symbolic' });
const report = (part: Partial<Progress>): Progress => ({
  job_id: 'j', service: 'symbolic', kind: 'search', subject_id: 's', state: 'running', progress: 0.5, note: null, ...part,
});

describe('a change', () => {
  test('concerns data that follow its noun', () => {
    expect(concerns(changed('symbolic.search.improved'), ['symbolic.search'])).toBe(true);
    expect(concerns(changed('symbolic.search-plan.changed'), ['symbolic.search'])).toBe(false);
    expect(concerns(changed('regression.fit.finished'), ['symbolic.search'])).toBe(false);
  });
  test('concerns one subject only, when a page shows one', () => {
    expect(concerns(changed('symbolic.search.improved', 's2'), ['symbolic.search'], 's1')).toBe(false);
    expect(concerns(changed('symbolic.search.improved', 's1'), ['symbolic.search'], 's1')).toBe(true);
  });
  test('of any service’s job concerns the jobs', () => {
    expect(concerns(changed('regression.job.changed'), ['jobs'])).toBe(true);
    expect(concerns(changed('regression.fit.finished'), ['jobs'])).toBe(false);
  });
  test('concerns everything after a break of the stream', () => {
    expect(concerns(changed('live.resumed', ''), ['catalogue.data-set'], 's9')).toBe(true);
  });
});

describe('reports on a job', () => {
  test('never move the bar backwards', () => {
    expect(newer(report({ progress: 0.7 }), report({ progress: 0.6 })).progress).toBe(0.7);
    expect(newer(report({ progress: 0.7 }), report({ progress: 0.8 })).progress).toBe(0.8);
  });
  test('that come late do not bring back a job that ended', () => {
    expect(newer(report({ state: 'cancelled' }), report({})).state).toBe('cancelled');
  });
  test('begin anew when a job is tried again', () => {
    const waiting = newer(report({ state: 'failed', progress: 0.9 }), report({ state: 'waiting', progress: 0 }));
    expect(waiting).toMatchObject({ state: 'waiting', progress: 0 });
    expect(newer(waiting, report({ progress: 0.1 })).progress).toBe(0.1);
  });
});

test('pauses between attempts to connect grow, up to a bound', () => {
  const pauses = [0, 1, 2, 3, 20].map(pauseBefore);
  expect(pauses).toEqual([500, 1000, 2000, 4000, 15_000]);
});
