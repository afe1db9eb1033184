import { isDockerAnswering } from '../processes/compose-service.ts';
import { installedPrograms, installLines, packagedProgram, type ServerKind } from './find-programs.ts';
import type { Log } from '../processes/log.ts';
import { reasonOf } from '../processes/reason-of.ts';
import type { ServerProgram } from './server-program.ts';

export interface StartFirstOptions<Server> {
  readonly kind: ServerKind;
  readonly cacheDir: string;
  readonly log: Log;
  readonly startProgram: (program: ServerProgram) => Promise<Server>;
  readonly startContainer: () => Promise<Server>;
}

/**
 * Starts the first server that works: a program on this machine, Docker Compose if an engine responds, or
 * Debian packages. A failed attempt leaves a log line, because an installed server may be confined to its own
 * folders (AppArmor on Ubuntu). Throws with install instructions if all fail.
 */
export async function startFirst<Server>(options: StartFirstOptions<Server>): Promise<Server> {
  const { kind, cacheDir, log } = options;
  const installed = (await installedPrograms(kind, log)).map((program) => ({
    name: program.command.join(' '),
    start: () => options.startProgram(program),
  }));
  const container = { name: 'Docker Compose', start: options.startContainer };
  const packaged = {
    name: 'Debian packages',
    start: async () => options.startProgram(await packagedProgram(kind, cacheDir, log)),
  };
  const attempts = [...installed, ...((await isDockerAnswering()) ? [container] : []), packaged];
  return firstThatStarts(attempts, installLines(kind), log);
}

export interface StartAttempt<Server> {
  /** Shown in messages. */
  readonly name: string;
  readonly start: () => Promise<Server>;
}

/**
 * Makes one attempt after another until one succeeds. Each failure leaves a log line. Throws with
 * `instructions` and all reasons if none succeeds.
 */
export async function firstThatStarts<Server>(
  attempts: readonly StartAttempt<Server>[],
  instructions: string,
  log: Log,
): Promise<Server> {
  const failures: string[] = [];
  for (const { name, start } of attempts) {
    try {
      return await start();
    } catch (error) {
      const reason = reasonOf(error);
      failures.push(`${name}: ${reason}`);
      log(`${name} is not usable: ${reason.split('\n')[0]}`);
    }
  }
  throw new Error(`${instructions}\nTried:\n${failures.map((line) => `  ${line}`).join('\n')}`);
}
