import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createFairSemaphore } from '../platform/load/fair-semaphore.ts';
import { scryptThreads } from './scrypt-threads.ts';

/** A GB of memory at the default cost. */
const THREADS_MAX = 8;
/** Log-ins that wait, per thread: 5 s of work at 0.4 s each. The next one is rejected, or another in its favour. */
const WAITING_PER_THREAD = 12;
/** Below the deadline of a request, which would leave a hash without a client. */
const WAIT_MAX_MS = 6000;

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const BLOCK_SIZE = 8;

/**
 * `party` is whoever wants it, such as a network address: no party fills the queue for the others. Both throw
 * OperationalError `busy_retry` when too many are waiting.
 */
export interface PasswordHasher {
  /** `scrypt$<log2 N>$<salt>$<hash>`. */
  hash(password: string, party: string): Promise<string>;
  /**
   * Does the same work whether there is a stored hash or not, and whatever its cost, so that it does not tell who has an
   * account: as much as the strongest hash takes that this process has met.
   */
  verify(password: string, stored: string | undefined, party: string): Promise<Verified>;
}

export interface Verified {
  readonly isRight: boolean;
  /**
   * The right password hashed anew, where it was stored at another cost than hashes are made now. Made in the same turn:
   * waiting for a second one would take longer than a request may.
   */
  readonly anew?: string;
}

/**
 * @param options.costLog2 log2 of scrypt's N. Stored with each hash, so that it can be changed later.
 * @param options.threadsMax hashes at once; undefined for one per core, 8 at most. Each takes 128 MB at the default cost
 *   and, at low priority, a core.
 */
export function createPasswordHasher(options: {
  costLog2: number;
  threadsMax: number | undefined;
  nowMs: () => number;
}): PasswordHasher {
  const { costLog2, threadsMax = Math.min(availableParallelism(), THREADS_MAX), nowMs } = options;
  const waitingMax = WAITING_PER_THREAD * threadsMax;
  const semaphore = createFairSemaphore({
    permitsMax: threadsMax,
    waitingMax,
    waitMaxMs: WAIT_MAX_MS,
    nowMs,
  });
  const scrypt = scryptThreads();
  const nobody = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  let strongestLog2 = costLog2;

  const derive = (password: string, salt: Buffer, cost: number, p = 1): Promise<Buffer> => {
    const N = 2 ** cost;
    // Node refuses what needs more than maxmem; scrypt needs 128 * r * (N + p) bytes, and a little.
    const terms = { N, r: BLOCK_SIZE, p, maxmem: 256 * BLOCK_SIZE * (N + p) };
    return scrypt({ password: password.normalize('NFKC'), salt, bytes: HASH_BYTES, options: terms });
  };

  const hashNow = async (password: string): Promise<string> => {
    const salt = randomBytes(SALT_BYTES);
    const hash = await derive(password, salt, costLog2);
    return ['scrypt', costLog2, salt.toString('base64url'), hash.toString('base64url')].join('$');
  };

  return {
    hash: (password, party) => semaphore.run(party, () => hashNow(password)),
    verify: (password, stored, party) =>
      semaphore.run(party, async () => {
        const expected = stored === undefined ? { ...nobody, costLog2: strongestLog2 } : parseHash(stored);
        strongestLog2 = Math.max(strongestLog2, expected.costLog2);
        const actual = await derive(password, expected.salt, expected.costLog2);
        // p runs of cost N are p times the work: together with the first one those of the strongest cost.
        const missing = 2 ** (strongestLog2 - expected.costLog2) - 1;
        if (missing > 0) await derive(password, nobody.salt, expected.costLog2, missing);
        const isRight = timingSafeEqual(actual, expected.hash) && stored !== undefined;
        const isOutdated = isRight && expected.costLog2 !== costLog2;
        return isOutdated ? { isRight, anew: await hashNow(password) } : { isRight };
      }),
  };
}

function parseHash(stored: string): { costLog2: number; salt: Buffer; hash: Buffer } {
  const [scheme, cost, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined)
    throw new Error('unknown password hash');
  return {
    costLog2: Number(cost),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}
