// The real server for the stories: its own port, its own empty directory, stopped at the end. QUORATE_URL names a
// running server instead.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type Server = { url: string; stop: () => Promise<void> };

const readyWithinMs = 60_000;

export async function startServer(): Promise<Server> {
  const running = process.env.QUORATE_URL;
  if (running) return { url: running, stop: async () => {} };
  const binary = findBinary();
  const directory = mkdtempSync(join(tmpdir(), 'quorate-e2e-'));
  const child = spawn(binary, ['serve'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      QUORATE__SERVER__LISTEN: '127.0.0.1:0',
      QUORATE__DATABASE__URL: `sqlite:${join(directory, 'data')}`,
      QUORATE__GRPC__REGRESSION: '127.0.0.1:0',
      QUORATE__GRPC__SYMBOLIC: '127.0.0.1:0',
    },
  });
  const stop = () => stopped(child).finally(() => rmSync(directory, { recursive: true, force: true }));
  try {
    return { url: await address(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The built program. */
export function findBinary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../target');
  const found = [process.env.QUORATE_BIN, join(target, 'debug/quorate'), join(target, 'release/quorate')].find((path) => path && existsSync(path));
  if (!found) throw new Error('no binary to test: run `cargo build -p app` first, or name one in QUORATE_BIN');
  return resolve(found);
}

/** The address the server prints when it is ready. */
function address(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = '';
    const late = setTimeout(() => fail(new Error(`the server was not ready in ${readyWithinMs} ms:\n${said}`)), readyWithinMs);
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const ready = /ready on (http:\/\/\S+)/.exec(said);
      if (!ready?.[1]) return;
      clearTimeout(late);
      done(ready[1]);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${said}`)));
  });
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  });
}
