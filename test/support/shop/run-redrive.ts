import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../app/main.ts', import.meta.url));

/** Runs `node app/main.ts redrive` and returns its exit code and all that it printed. */
export async function runRedrive(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [MAIN, 'redrive'], { env: { PATH: process.env.PATH, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}
