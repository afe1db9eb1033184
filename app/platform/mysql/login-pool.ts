import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import { type DatabaseLogin, isLoginRefused } from './database-login.ts';

export interface LoginPool {
  /** A connection that nobody else has. Rejects with the driver's error. */
  connect(): Promise<PoolConnection>;
  /** Gives it back. */
  release(connection: PoolConnection): void;
  /** Nothing of it is used again. */
  discard(connection: PoolConnection): void;
  /** Opens new connections from now on, which look the URL's name up again. Those in use stay until they are released. */
  reconnect(): void;
  /** False once `reconnect` or a new login has come after this connection. */
  isCurrent(connection: PoolConnection): boolean;
  close(): Promise<void>;
}

/** mysql2's pool of one login. */
interface Generation {
  readonly pool: Pool;
  readonly version: number;
  /** Connections that callers hold. */
  held: number;
}

/** mysql2's connectTimeout ends with the TCP connection; a server that is silent after it would be waited for. */
const SILENT_AFTER_TCP_MS = 500;

/**
 * A pool whose login may change while it works. mysql2 fixes the login of a pool when it is made, so a new login is
 * a new pool; the one before keeps the connections that are in use until they come back, because a rotation ends
 * no transaction. A refused login is read again once (database-login.ts), and the connection is tried once more.
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
    // It has no callers any more; a goodbye that fails harms nobody.
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

  const back = (connection: PoolConnection): void => {
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
        if (!isLoginRefused(error) || !(await login.renew(generation.version))) throw error;
        return connectTo(upToDate());
      }
    },
    release(connection) {
      connection.release();
      back(connection);
    },
    discard(connection) {
      discard(connection);
      back(connection);
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

/** mysql2's own destroy only says goodbye, and a socket whose other side is silent would keep the process alive. */
function discard(connection: PoolConnection): void {
  connection.destroy();
  (connection as unknown as { stream?: { destroy(): void } }).stream?.destroy();
}
