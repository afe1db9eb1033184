import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import { type DatabaseLogin, isLoginRejected } from './database-login.ts';

export interface LoginPool {
  /** Returns a connection for this caller alone. Rejects with the driver's error. */
  connect(): Promise<PoolConnection>;
  /** Returns a usable connection to the pool. */
  release(connection: PoolConnection): void;
  /** Closes an unusable connection. */
  discard(connection: PoolConnection): void;
  /**
   * Opens new connections from now on, resolving the URL's name again. Those in use stay until they are
   * released.
   */
  reconnect(): void;
  /** False once `reconnect` was called, or a new login read, after this connection was opened. */
  isCurrent(connection: PoolConnection): boolean;
  close(): Promise<void>;
}

/** mysql2's pool of one login. */
interface Generation {
  readonly pool: Pool;
  readonly version: number;
  /** Connections in use. */
  held: number;
}

/** Allowed after connectTimeout, which ends with the TCP connection: the server may be silent after it. */
const SILENT_AFTER_TCP_MS = 500;

/**
 * A pool whose login may change while it is in use. mysql2 fixes the login of a pool, so each new login opens
 * a new pool. The old pool keeps the connections in use until they are released, because a rotation ends no
 * transaction. After a rejected login, it reads the login again once (database-login.ts) and retries the
 * connection.
 */
export function openLoginPool({
  url,
  login,
  pool: options,
}: {
  readonly url: string;
  readonly login: DatabaseLogin;
  readonly pool: Omit<PoolOptions, 'uri'> & { connectTimeout: number };
}): LoginPool {
  const openGeneration = (): Generation => ({
    pool: createPool({ ...options, uri: login.in(url) }),
    version: login.version(),
    held: 0,
  });
  let current = openGeneration();
  const retired = new Set<Generation>();
  const owners = new WeakMap<PoolConnection, Generation>();
  const timeoutMs = options.connectTimeout + SILENT_AFTER_TCP_MS;

  const retire = (): void => {
    retired.add(current);
    endWhenUnused(current);
    current = openGeneration();
  };

  const upToDate = (): Generation => {
    if (current.version !== login.version()) retire();
    return current;
  };

  const endWhenUnused = (generation: Generation): void => {
    if (generation.held > 0 || !retired.delete(generation)) return;
    // No caller uses it any more, so a failed close does not matter.
    generation.pool.end(() => undefined);
  };

  const connectTo = async (generation: Generation): Promise<PoolConnection> => {
    generation.held += 1;
    try {
      const connection = await connect(generation.pool, timeoutMs);
      owners.set(connection, generation);
      return connection;
    } catch (error) {
      generation.held -= 1;
      endWhenUnused(generation);
      throw error;
    }
  };

  const returned = (connection: PoolConnection): void => {
    const generation = owners.get(connection);
    if (generation === undefined) return;
    generation.held -= 1;
    endWhenUnused(generation);
  };

  return {
    async connect() {
      const generation = upToDate();
      try {
        return await connectTo(generation);
      } catch (error) {
        if (!isLoginRejected(error) || !(await login.renew(generation.version))) throw error;
        return connectTo(upToDate());
      }
    },
    release(connection) {
      connection.release();
      returned(connection);
    },
    discard(connection) {
      discard(connection);
      returned(connection);
    },
    reconnect: retire,
    isCurrent: (connection) => owners.get(connection) === current,
    async close() {
      await Promise.all([...retired, current].map(({ pool }) => ended(pool)));
    },
  };
}

function ended(pool: Pool): Promise<void> {
  return new Promise((resolve) => {
    pool.end(() => resolve());
  });
}

function connect(pool: Pool, timeoutMs: number): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      reject(new Error('the server did not answer in time'));
    }, timeoutMs);
    pool.getConnection((error, connection) => {
      clearTimeout(timer);
      if (!waiting) {
        if (connection) discard(connection);
        return;
      }
      if (error) reject(error);
      else resolve(connection);
    });
  });
}

/**
 * mysql2's destroy only sends a closing packet; a socket whose peer is silent would keep the process alive.
 */
function discard(connection: PoolConnection): void {
  connection.destroy();
  (connection as unknown as { stream?: { destroy(): void } }).stream?.destroy();
}
