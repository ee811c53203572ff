// Addresses are a promise: old links must keep working.
import { describe, expect, test } from 'vitest';
import { isOwn, link, match, patterns, query } from './routes.ts';

describe('routes', () => {
  test('are exactly these', () => {
    expect(patterns).toMatchInlineSnapshot(`
      {
        "data-set": "/data-sets/:id",
        "job": "/jobs/:id",
        "jobs": "/jobs",
        "overview": "/",
        "upload": "/data-sets/new",
      }
    `);
  });
  test('match what they build', () => {
    const built = link('data-set', { id: 'a b/ü' }, { tab: 'line', x: 'T [K]' });
    const url = new URL(built, 'http://host');
    expect(match(url.pathname)).toEqual({ name: 'data-set', params: { id: 'a b/ü' } });
    expect(url.searchParams.get('x')).toBe('T [K]');
  });
  test('prefer a fixed name to a parameter', () => {
    expect(match('/data-sets/new').name).toBe('upload');
    expect(match('/data-sets/new/').name).toBe('upload');
  });
  test('do not know other addresses', () => {
    for (const path of ['/nothing', '/data-sets/1/2', '/data-sets/%E0%A4%A']) expect(match(path).name).toBe('unknown');
  });
  test('leave the addresses of the server alone', () => {
    expect(['/apidocs/', '/api/v1/datasets', '/metrics'].map(isOwn)).toEqual([false, false, false]);
    expect(['/', '/jobs', '/apiary'].map(isOwn)).toEqual([true, true, true]);
  });
  test('leave empty choices out', () => {
    expect(query({ a: '', b: null, c: undefined, d: false, e: 0, f: true })).toBe('?e=0&f=true');
    expect(query({ a: '' })).toBe('');
  });
});
