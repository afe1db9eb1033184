import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { outputOf } from '../../localstack/processes/reason-of.ts';
import { shopPaths } from './shop-paths.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 180_000;
const OUTPUT_SHOWN_LINES = 5;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Runs `node PROGRAM ARGS` to completion and returns its output without the last line break. Keeps the output
 * in .local/logs/NAME.log as well. Throws with the end of the output when the program fails.
 */
export async function runAppCommand(
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const logFile = join(shopPaths.logs, `${name}.log`);
  await mkdir(shopPaths.logs, { recursive: true });
  try {
    const { stdout, stderr } = await run(process.execPath, [...command], {
      cwd: shopPaths.root,
      env,
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_MAX_BYTES,
    });
    await writeFile(logFile, `${stdout}${stderr}`);
    return stdout.trimEnd();
  } catch (error) {
    const output = outputOf(error);
    await writeFile(logFile, output);
    throw new Error(
      `${name} failed (${logFile}):\n${output.split('\n').slice(-OUTPUT_SHOWN_LINES).join('\n')}`,
      {
        cause: error,
      },
    );
  }
}
