import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createFairSemaphore } from '../platform/load/fair-semaphore.ts';
import { createHashThreads } from './hash-threads.ts';
import type { HashCost } from '../contract/hash-cost.ts';
import { formatHash, hashPrefix, parseHash } from './password-hash.ts';

/** Bounds the memory where there are many cores: 152 MB at the default cost. */
const THREADS_MAX = 8;
/** Bounds the memory of waiting log-ins: 5 s of work at 20 ms each. */
const WAITING_PER_THREAD = 250;
/** Below the request deadline, after which no client would wait for the hash. */
const WAIT_MAX_MS = 6000;

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * `party` names who requests the work, such as a network address: no party can fill the queue for the others.
 * Both methods throw OperationalError `busy_retry` if too many requests are waiting.
 */
export interface PasswordHasher {
  /** A hash at the current cost, as password-hash.ts writes it. */
  hash(password: string, party: string): Promise<string>;
  /**
   * Rejects after the same work with any stored hash and with none: one key of every cost that is in use.
   * Response times therefore do not reveal who has an account. The right password takes one key only. A
   * stored text that is no hash counts as none: its writer locked that account, and no other.
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

export interface PasswordHasherOptions {
  /** Cost of new hashes. Stored with each hash, so that it can be changed later. */
  readonly cost: HashCost;
  /**
   * Concurrent hashes; undefined means one per core, at most 8. Each takes the memory of its cost (19 MB by
   * default, 128 MB for scrypt with N = 2^17) and one core at low priority.
   */
  readonly threadsMax: number | undefined;
  readonly nowMs: () => number;
  /** Returns a stored hash of each other cost, as far as known. Called once, before the first rejection. */
  readonly findOtherHashes?: (prefix: string) => Promise<readonly string[]>;
}

export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { cost, threadsMax = Math.min(availableParallelism(), THREADS_MAX), nowMs } = options;
  const semaphore = createFairSemaphore({
    permitsMax: threadsMax,
    waitingMax: WAITING_PER_THREAD * threadsMax,
    waitMaxMs: WAIT_MAX_MS,
    nowMs,
  });
  const runJob = createHashThreads();
  const decoySalt = randomBytes(SALT_BYTES);
  /** Every cost in use, by its prefix: the current one and those of stored hashes that this process knows. */
  const costs = new Map([[hashPrefix(cost), cost]]);
  let hasAsked = false;

  const derive = (password: string, salt: Buffer, at: HashCost): Promise<Buffer> =>
    runJob({ password: password.normalize('NFKC'), salt, bytes: HASH_BYTES, cost: at });

  const hashNow = async (password: string): Promise<string> => {
    const salt = randomBytes(SALT_BYTES);
    return formatHash({ cost, salt, hash: await derive(password, salt, cost) });
  };

  const learnCosts = async (): Promise<void> => {
    if (hasAsked) return;
    const others = (await options.findOtherHashes?.(hashPrefix(cost))) ?? [];
    for (const other of others) {
      // One account with a foreign hash must not fail the log-ins of all.
      const known = parseHash(other);
      if (known !== undefined) remember(known.cost);
    }
    hasAsked = true;
  };

  const remember = (known: HashCost): string => {
    const prefix = hashPrefix(known);
    costs.set(prefix, known);
    return prefix;
  };

  const verifyNow = async (password: string, stored: string | undefined): Promise<Verified> => {
    let own: string | undefined;
    const expected = stored === undefined ? undefined : parseHash(stored);
    if (expected !== undefined) {
      const actual = await derive(password, expected.salt, expected.cost);
      own = remember(expected.cost);
      if (timingSafeEqual(actual, expected.hash)) {
        const isCurrent = own === hashPrefix(cost);
        return isCurrent ? { isRight: true } : { isRight: true, rehashed: await hashNow(password) };
      }
    }
    await learnCosts();
    for (const [prefix, other] of costs) {
      if (prefix !== own) await derive(password, decoySalt, other);
    }
    return { isRight: false };
  };

  return {
    hash: (password, party) => semaphore.run(party, () => hashNow(password)),
    verify: (password, stored, party) => semaphore.run(party, () => verifyNow(password, stored)),
  };
}
