// Requests to the server; every failure becomes a ProblemError that pages can show.
import { t } from '../words/words.ts';
import type { Problem } from './types.ts';

export const base = '/api/v1';

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

export type Send = { method?: string; json?: unknown; headers?: Record<string, string>; signal?: AbortSignal };
export type Reply<T> = { data: T; etag: string | null; location: string | null };

export async function send<T>(path: string, options: Send = {}): Promise<Reply<T>> {
  const response = await call(path, options);
  if (!response.ok) throw new ProblemError(await problemOf(response));
  const data = response.status === 204 ? undefined : await readJson(response);
  return { data: data as T, etag: response.headers.get('etag'), location: response.headers.get('location') };
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send<T>(path, { signal })).data;
}

/** Creates something; the key makes it harmless that a network repeats the request. */
export async function create<T>(path: string, json: unknown): Promise<Reply<T>> {
  return send<T>(path, { method: 'POST', json, headers: { 'idempotency-key': newKey() } });
}

export async function csv(path: string): Promise<Blob> {
  const response = await call(path, { headers: { accept: 'text/csv' } });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  return response.blob();
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The problem an unsuccessful reply tells, also when a proxy answers with something else than a problem. */
export function parseProblem(status: number, statusText: string, body: string): Problem {
  try {
    const value = JSON.parse(body) as Partial<Problem>;
    if (value && typeof value.title === 'string') return { type: 'about:blank', status, ...value } as Problem;
  } catch {
    // Not JSON: told by its status below.
  }
  return { type: 'about:blank', title: statusText || `Status ${status}`, status };
}

export function problemFrom(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { type: 'urn:quorate:problem:unexpected', title: t('problem-page-title'), status: 0, detail: String(error) };
}

async function call(path: string, { method = 'GET', json, headers = {}, signal }: Send): Promise<Response> {
  const all: Record<string, string> = { accept: 'application/json', ...headers };
  if (json !== undefined) all['content-type'] = 'application/json';
  try {
    return await fetch(base + path, { method, headers: all, signal, body: json === undefined ? undefined : JSON.stringify(json) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ProblemError({
      type: 'urn:quorate:problem:unreachable',
      title: t('problem-silent-title'),
      status: 0,
      detail: t(method === 'GET' ? 'problem-silent-read' : 'problem-silent-change'),
    });
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

async function problemOf(response: Response): Promise<Problem> {
  return parseProblem(response.status, response.statusText, await response.text());
}
