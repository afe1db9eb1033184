import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { fairTurns } from '../platform/fair-turns.ts';

/** Hashes at once. One is 0.4 s of a core at the default cost, and orders need the cores too. */
const RUNNING_MAX = 1;
/** Log-ins waiting for their turn, 5 s of work. One more is turned away at once, or another one is for it. */
const WAITING_MAX = 12;
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

/** @param options.costLog2 log2 of scrypt's N. Stored with each hash, so that it can be changed later. */
export function createPasswordHasher(options: { costLog2: number; nowMs: () => number }): PasswordHasher {
  const { costLog2, nowMs } = options;
  const turns = fairTurns({ turnsMax: RUNNING_MAX, waitingMax: WAITING_MAX, waitMaxMs: WAIT_MAX_MS, nowMs });
  const nobody = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  let strongestLog2 = costLog2;

  const hashNow = async (password: string): Promise<string> => {
    const salt = randomBytes(SALT_BYTES);
    const hash = await derive(password, salt, costLog2);
    return ['scrypt', costLog2, salt.toString('base64url'), hash.toString('base64url')].join('$');
  };

  return {
    hash: (password, party) => turns.run(party, () => hashNow(password)),
    verify: (password, stored, party) =>
      turns.run(party, async () => {
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

function derive(password: string, salt: Buffer, costLog2: number, p = 1): Promise<Buffer> {
  const N = 2 ** costLog2;
  // Node refuses what needs more than maxmem; scrypt needs 128 * r * (N + p) bytes, and a little.
  const options = { N, r: BLOCK_SIZE, p, maxmem: 256 * BLOCK_SIZE * (N + p) };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
