import { createSingleFlight } from '../load/single-flight.ts';
import type { Log } from '../observe/log.ts';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Reads the current login. Settles within seconds, whatever happens. */
export type ReadLogin = () => Promise<Login>;

/** The database login of all pools of a process. A rotation changes it while they work. */
export interface DatabaseLogin {
  /** Number of the login in use here. Increases with every new login. */
  version(): number;
  /** Returns the URL with the login in use instead of its own. */
  in(url: string): string;
  /**
   * Reads the secret again after the server rejected the login of that version. All callers share one read.
   * Resolves with true when there is a newer login to try. Never throws.
   */
  renew(rejectedVersion: number): Promise<boolean>;
}

/**
 * Wait at least this long after a read without a new login: the cause lies elsewhere, and AWS charges for
 * calls.
 */
const RENEW_PAUSE_MS = 1000;

/**
 * 1045 wrong user or password; 1698 no password for an account that has one; 1862 expired; 3118 (MySQL) and
 * 4151 (MariaDB) locked.
 */
const LOGIN_REJECTED: ReadonlySet<unknown> = new Set([1045, 1698, 1862, 3118, 4151]);

export function isLoginRejected(error: unknown): boolean {
  return LOGIN_REJECTED.has((error as { errno?: unknown } | undefined)?.errno);
}

/** Without `read` the login of the URLs is the only one. */
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
    async renew(rejectedVersion) {
      if (version === rejectedVersion && nowMs() >= notBeforeMs) await renewal.run();
      return version > rejectedVersion;
    },
  };
}
