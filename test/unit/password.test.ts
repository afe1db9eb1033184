import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createPasswordHasher } from '../../app/accounts/password.ts';
import { hashPrefix } from '../../app/accounts/password-hash.ts';
import type { HashCost } from '../../app/contract/hash-cost.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';
import { skipWithout } from '../support/skip-without.ts';

const COST: HashCost = { scheme: 'argon2id', memoryKib: 1024, passes: 1 };
const SLOWER: HashCost = { scheme: 'argon2id', memoryKib: 8192, passes: 2 };
const SCRYPT: HashCost = { scheme: 'scrypt', costLog2: 12 };

/** Of `correct horse`, by argon2-cffi 25.1 and by Python's hashlib. */
const foreignHashes = [
  '$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$0AuQxA+RjPiJeA19Op7DwrFxnfh9xeTU2T6mFj2wThc',
  'scrypt$12$AAECAwQFBgcICQoLDA0ODw$nxT5yUcmhFTg_6o1qwf57vRwZhaunnM-rEA0Ksy6waw',
];

/** A hasher that counts every request as one party. `others` are in use besides. */
function hasher(
  cost: HashCost,
  {
    threadsMax = 1,
    others = [],
    nowMs = () => Date.now(),
  }: { threadsMax?: number; others?: string[]; nowMs?: () => number } = {},
) {
  const { hash, verify } = createPasswordHasher({
    cost,
    threadsMax,
    nowMs,
    findOtherHashes: () => Promise.resolve(others),
  });
  return {
    hash: (password: string) => hash(password, 'one'),
    verify: async (password: string, stored: string | undefined) =>
      (await verify(password, stored, 'one')).isRight,
    rehashed: async (password: string, stored: string) => (await verify(password, stored, 'one')).rehashed,
  };
}

/** Niceness of a thread of this process: field 19 of its stat, counted after the name in parentheses. */
function nicenessOf(threadId: string): number {
  const stat = readFileSync(`/proc/self/task/${threadId}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

function lowPriorityThreads(): number {
  const main = nicenessOf(String(process.pid));
  return readdirSync('/proc/self/task').filter((id) => nicenessOf(id) > main).length;
}

describe('the password hasher', () => {
  it('accepts the right password, and no other', async () => {
    const { hash, verify } = hasher(COST);
    const stored = await hash('correct horse');
    expect(await verify('correct horse', stored)).to.equal(true);
    for (const wrong of ['correct horse ', 'Correct horse', '', 'correct hors']) {
      expect(await verify(wrong, stored), wrong).to.equal(false);
    }
  });

  it('treats composed and decomposed letters as the same password', async () => {
    const { hash, verify } = hasher(COST);
    expect(await verify('cafe\u0301 crème', await hash('caf\u00e9 cre\u0300me'))).to.equal(true);
  });

  it('uses a salt, and stores the cost with the hash', async () => {
    for (const [cost, format] of [
      [COST, /^\$argon2id\$v=19\$m=1024,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/],
      [SCRYPT, /^scrypt\$12\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/],
    ] as const) {
      const { hash } = hasher(cost);
      const [one, other] = [await hash('same password'), await hash('same password')];
      expect(one).not.to.equal(other);
      expect(one).to.match(format);
      expect(await hasher(SLOWER).verify('same password', one)).to.equal(true);
    }
  });

  it('accepts hashes that other programs and earlier releases made', async () => {
    const { verify, rehashed } = hasher(COST);
    for (const stored of foreignHashes) {
      expect(await verify('correct horse', stored), stored).to.equal(true);
      expect(await verify('correct horse ', stored), stored).to.equal(false);
      expect(await rehashed('correct horse', stored)).to.match(/^\$argon2id\$v=19\$m=1024,t=1,p=1\$/);
    }
  });

  it('rejects an unknown account after the same amount of work', async () => {
    const { hash, verify } = hasher(SLOWER);
    await expectSameWork(verify, await hash('correct horse'));
  });

  for (const [what, earlier, now] of [
    ['scheme was another', SCRYPT, COST],
    ['cost was lower', COST, SLOWER],
    ['cost was higher', SLOWER, COST],
  ] as const) {
    it(`rehashes at log-in, and hides which accounts exist, if the stored ${what}`, async () => {
      const stored = await hasher(earlier).hash('correct horse');
      const { hash, verify, rehashed } = hasher(now);
      const later = (await rehashed('correct horse', stored)) ?? '';
      expect(later.startsWith(hashPrefix(now))).to.equal(true);
      expect(await verify('correct horse', later)).to.equal(true);
      expect(await rehashed('correct horse', later)).to.equal(undefined);
      expect(await rehashed('wrong horse', stored)).to.equal(undefined);
      await expectSameWork(verify, stored);
      await expectSameWork(verify, await hash('correct horse'));
    });
  }

  it('hides which accounts have an old hash before the first of them logs in', async () => {
    const stored = await hasher({ scheme: 'scrypt', costLog2: 13 }).hash('correct horse');
    const { hash, verify } = hasher(COST, { others: [stored] });
    const [unknownMs, currentMs, oldMs] = [
      await cpuMsOf(() => verify('wrong horse', undefined)),
      await cpuMsOf(async () => verify('wrong horse', await hash('correct horse'))),
      await cpuMsOf(() => verify('wrong horse', stored)),
    ];
    expect(Math.min(unknownMs, currentMs)).to.be.above(oldMs / 2);
  });

  it('rejects every password for a stored text that is no hash, and other accounts as before', async () => {
    const { hash, verify } = hasher(COST, { others: ['none', '$argon2id$v=19$m=x,t=1,p=1$AA$AA'] });
    for (const stored of ['none', '', 'scrypt$12$AA', undefined, await hash('correct horse')]) {
      expect(await verify('none', stored), stored).to.equal(false);
    }
    expect(await verify('correct horse', await hash('correct horse'))).to.equal(true);
  });

  it('does not let a right password wait for the work of old hashes', async () => {
    const stored = await hasher({ scheme: 'scrypt', costLog2: 15 }).hash('correct horse');
    const { hash, verify } = hasher(COST, { others: [stored] });
    const current = await hash('correct horse');
    const wrongMs = await cpuMsOf(() => verify('wrong horse', current));
    expect(await cpuMsOf(() => verify('correct horse', current))).to.be.below(wrongMs / 3);
  });

  async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  /** Expects the same CPU time for an account with this hash as for an unknown account. */
  async function expectSameWork(
    verify: (password: string, stored: string | undefined) => Promise<boolean>,
    stored: string,
  ): Promise<void> {
    const cpuOf = (hashed: string | undefined) =>
      cpuMsOf(async () => expect(await verify('wrong horse', hashed)).to.equal(false));
    const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
    // Alternate the two, so that other load on the machine affects both.
    const known: number[] = [];
    const unknown: number[] = [];
    for (let run = 0; run < 41; run += 1) {
      known.push(await cpuOf(stored));
      unknown.push(await cpuOf(undefined));
    }
    expect(middle(unknown) / middle(known)).to.be.within(0.85, 1.18);
  }

  for (const threads of [1, 3]) {
    it(`hashes ${threads} at a time, lets ${threads * 250} wait and rejects the next at once`, async () => {
      await expectBound(threads);
    });
  }

  async function expectBound(threads: number): Promise<void> {
    // Without time no wait is expected to be too long, so the number alone decides.
    const { hash, verify } = hasher(COST, { threadsMax: threads, nowMs: () => 0 });
    const accepted = threads * 251;
    const stored = await hash('correct horse');
    const outcomes = await Promise.allSettled(
      Array.from({ length: accepted + 7 }, (_, index) =>
        index % 2 === 0 ? verify('correct horse', stored) : hash('correct horse'),
      ),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused).to.have.lengthOf(7);
    for (const { reason } of refused) {
      expect(reason).to.be.instanceOf(OperationalError);
      expect((reason as OperationalError).code).to.equal('busy_retry');
    }
    // Accepted hashes were served, and afterwards there is room again.
    expect(outcomes.slice(0, accepted).every(({ status }) => status === 'fulfilled')).to.equal(true);
    expect(await verify('correct horse', stored)).to.equal(true);
  }

  describe('on Linux, where threads have priorities', () => {
    before(function () {
      if (process.platform !== 'linux') skipWithout('a priority per thread', this);
    });

    it('hashes on the configured number of threads, which yield to the event loop', async () => {
      const before = lowPriorityThreads();
      const { hash } = hasher(COST, { threadsMax: 2 });
      await Promise.all(Array.from({ length: 8 }, () => hash('correct horse')));
      expect(lowPriorityThreads() - before).to.equal(2);
    });
  });

  it('rejects a wrong password while an account has a hash at a cost that no process writes', async () => {
    for (const foreign of [
      '$argon2id$v=19$m=1,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$0AuQxA',
      '$argon2id$v=19$m=99999999,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$0AuQxA',
      'scrypt$40$AAECAwQFBgcICQoLDA0ODw$nxT5yU',
    ]) {
      const { hash, verify } = hasher(COST, { others: [foreign] });
      expect(await verify('wrong horse', undefined), foreign).to.equal(false);
      expect(await verify('wrong horse', foreign), foreign).to.equal(false);
      expect(await verify('wrong horse', await hash('correct horse')), foreign).to.equal(false);
    }
  });

  it('frees its place when a stored hash ends the thread, as one with a short salt does', async () => {
    const { hash, verify } = hasher(COST);
    for (let run = 0; run < 20; run += 1) {
      const failed = await verify('x', '$argon2id$v=19$m=1024,t=1,p=1$AAAA$AAAA').then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failed).to.be.an('error');
    }
    expect(await verify('wrong horse', await hash('correct horse'))).to.equal(false);
  });
});
