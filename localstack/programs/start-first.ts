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
  const failures: string[] = [];
  const attempt = async (what: string, start: () => Promise<Server>): Promise<Server | undefined> => {
    try {
      return await start();
    } catch (error) {
      const reason = reasonOf(error);
      failures.push(`${what}: ${reason}`);
      log(`${what} is not usable: ${reason.split('\n')[0]}`);
      return undefined;
    }
  };
  for (const program of await installedPrograms(kind, log)) {
    const server = await attempt(program.command.join(' '), () => options.startProgram(program));
    if (server !== undefined) return server;
  }
  if (await isDockerAnswering()) {
    const server = await attempt('Docker Compose', options.startContainer);
    if (server !== undefined) return server;
  }
  const server = await attempt('Debian packages', async () =>
    options.startProgram(await packagedProgram(kind, cacheDir, log)),
  );
  if (server !== undefined) return server;
  throw new Error(`${installLines(kind)}\nTried:\n${failures.map((line) => `  ${line}`).join('\n')}`);
}
