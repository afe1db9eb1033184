import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../../localstack/processes/free-port.ts';
import { onCleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';

/** Starts moto, which stands for AWS, until the end of the test file. Returns its address. */
export async function startMoto(python: string): Promise<string> {
  const port = await freePort();
  const server: ChildProcess = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`], {
    stdio: 'ignore',
  });
  onCleanup(() => {
    server.kill('SIGKILL');
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await until(
    'moto answers',
    async () => {
      const reply = await fetch(`${endpoint}/moto-api/`, { signal: AbortSignal.timeout(2000) }).catch(
        () => undefined,
      );
      return reply?.ok === true;
    },
    { timeoutMs: 30_000 },
  );
  return endpoint;
}
