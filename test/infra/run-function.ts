import { spawn } from 'node:child_process';
import { join } from 'node:path';

const top = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 60_000;

export interface FunctionRun {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Calls a Lambda function as it is deployed, from the asset of the last synthesis, in a separate process.
 * Exits with code 1 if the handler throws.
 */
export async function runFunction(
  name: string,
  request: object,
  env: Readonly<Record<string, string>>,
): Promise<FunctionRun> {
  const code = join(top, '.local/functions', name, 'index.mjs');
  const script = `import(${JSON.stringify(code)})
    .then(({ handler }) => handler(${JSON.stringify(request)}))
    .then((answer) => console.log(JSON.stringify({ answer })))`;
  const child = spawn(process.execPath, ['-e', script], {
    env: { AWS_REGION: 'ap-northeast-2', ...env },
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return new Promise((end, fail) => {
    child.once('error', fail);
    child.once('close', (exitCode) => end({ code: exitCode, output }));
  });
}
