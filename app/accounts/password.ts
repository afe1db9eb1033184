import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createFairSemaphore } from '../platform/load/fair-semaphore.ts';
import { createScryptThreads } from './scrypt-threads.ts';

/** Uses 1 GB of memory at the default cost. */
const THREADS_MAX = 8;
/** Waiting log-ins per thread: 5 s of work at 0.4 s each. Beyond that, one of them is rejected. */
const WAITING_PER_THREAD = 12;
/** Below the request deadline, after which no client would wait for the hash. */
const WAIT_MAX_MS = 6000;

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const BLOCK_SIZE = 8;

/**
 * `party` names who requests the work, such as a network address: no party can fill the queue for the others.
 * Both methods throw OperationalError `busy_retry` if too many requests are waiting.
 */
export interface PasswordHasher {
  /** `scrypt$<log2 N>$<salt>$<hash>`. */
  hash(password: string, party: string): Promise<string>;
  /**
   * Does the same work with and without a stored hash, whatever its cost: that of the strongest hash this
   * process has verified. Response times therefore do not reveal who has an account.
   */
  verify(password: string, stored: string | undefined, party: string): Promise<Verified>;
}

export interface Verified {
  readonly isRight: boolean;
  /**
   * The right password at the current cost, if the stored hash has another cost. Hashed under the same
   * permit: waiting for a second one could exceed the request deadline.
   */
  readonly rehashed?: string;
}

/**
 * @param options.costLog2 log2 of scrypt's N. Stored with each hash, so that it can be changed later.
 * @param options.threadsMax concurrent hashes; undefined means one per core, at most 8. Each takes 128 MB at
 * the default cost and one core at low priority.
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
  const scrypt = createScryptThreads();
  const decoy = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  let strongestLog2 = costLog2;

  const derive = (password: string, salt: Buffer, cost: number, p = 1): Promise<Buffer> => {
    const N = 2 ** cost;
    // Node rejects a job above maxmem; scrypt needs slightly more than 128 * r * (N + p) bytes.
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
        const expected = stored === undefined ? { ...decoy, costLog2: strongestLog2 } : parseHash(stored);
        strongestLog2 = Math.max(strongestLog2, expected.costLog2);
        const actual = await derive(password, expected.salt, expected.costLog2);
        // p runs at cost N are p times the work: with the first run they add up to the strongest cost.
        const missing = 2 ** (strongestLog2 - expected.costLog2) - 1;
        if (missing > 0) await derive(password, decoy.salt, expected.costLog2, missing);
        const isRight = timingSafeEqual(actual, expected.hash) && stored !== undefined;
        const isOutdated = isRight && expected.costLog2 !== costLog2;
        return isOutdated ? { isRight, rehashed: await hashNow(password) } : { isRight };
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
