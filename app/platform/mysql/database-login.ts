import { createSingleFlight } from '../load/single-flight.ts';
import type { Log } from '../observe/log.ts';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Reads the login that is in force now. Ends within seconds, whatever happens. */
export type ReadLogin = () => Promise<Login>;

/** The login of all pools of a process to the database, which a rotation changes while they work. */
export interface DatabaseLogin {
  /** Which login is in force here: counts up with every new one. */
  version(): number;
  /** The URL with the login in force in place of its own. */
  in(url: string): string;
  /**
   * Reads the secret again because the server has refused the login of that version. One read serves all who were
   * refused. True when there is a newer login to try; never throws.
   */
  renew(refusedVersion: number): Promise<boolean>;
}

/** A secret that brought nothing new is not read again before this: it is another fault, and AWS counts the calls. */
const RENEW_PAUSE_MS = 1000;

/**
 * 1045 wrong user or password; 1698 no password for an account that has one; 1862 expired; 3118 (MySQL) and 4151
 * (MariaDB) locked.
 */
const LOGIN_REFUSED: ReadonlySet<unknown> = new Set([1045, 1698, 1862, 3118, 4151]);

export function isLoginRefused(error: unknown): boolean {
  return LOGIN_REFUSED.has((error as { errno?: unknown } | undefined)?.errno);
}

/** Without `read` the URLs hold the only login that there is. */
export function createDatabaseLogin(options: {
  read?: ReadLogin | undefined;
  log: Log;
  nowMs: () => number;
}): DatabaseLogin {
  const { read, log, nowMs } = options;
  let login: Login | undefined;
  let version = 0;
  let notBeforeMs = 0;

  const renewal = createSingleFlight(async () => {
    if (read === undefined) return;
    try {
      const found = await read();
      if (found.username === login?.username && found.password === login.password) {
        log.warn('database_login_unchanged', { user: found.username });
        notBeforeMs = nowMs() + RENEW_PAUSE_MS;
        return;
      }
      login = found;
      version += 1;
      log.info('database_login_renewed', { user: found.username });
    } catch (error) {
      log.warn('database_login_not_read', { error });
      notBeforeMs = nowMs() + RENEW_PAUSE_MS;
    }
  });

  return {
    version: () => version,
    in: (text) => {
      if (login === undefined) return text;
      const url = new URL(text);
      url.username = encodeURIComponent(login.username);
      url.password = encodeURIComponent(login.password);
      return url.href;
    },
    async renew(refusedVersion) {
      if (version === refusedVersion && nowMs() >= notBeforeMs) await renewal.run();
      return version > refusedVersion;
    },
  };
}
