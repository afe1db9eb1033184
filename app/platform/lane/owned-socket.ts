import { once } from 'node:events';
import { rename, rm, stat } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { Log } from '../observe/log.ts';

/** A Unix socket at a path that another process may take over at any time. */
export interface OwnedSocket {
  /** False once another process has taken the path, or it has been removed. */
  isCurrent(): Promise<boolean>;
  /** Accepts no more connections. Open ones stay. */
  release(): Promise<void>;
}

export interface OwnedSocketOptions {
  readonly path: string;
  readonly onConnection: (socket: Socket) => void;
  readonly log: Log;
}

/**
 * Takes the path, from its present owner if there is one. Renaming a socket over it replaces a dead or frozen
 * owner's at once: no moment is without one, and no process removes the socket of a newer owner.
 */
export async function takeSocket({ path, onConnection, log }: OwnedSocketOptions): Promise<OwnedSocket> {
  const server = createServer(onConnection);
  server.on('error', (error) => log.warn('lane_socket_failed', { error }));
  const ownPath = `${path}.${process.pid}`;
  await rm(ownPath, { force: true });
  server.listen(ownPath);
  await once(server, 'listening');
  // Identifies the socket: while it is open, its number is not used again.
  const { ino } = await stat(ownPath, { bigint: true });
  await rename(ownPath, path);

  const isCurrent = async (): Promise<boolean> => {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found?.ino === ino;
  };
  return {
    isCurrent,
    async release() {
      if (await isCurrent()) await rm(path, { force: true });
      server.close();
    },
  };
}
