import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createPasswordHasher } from '../../app/accounts/password.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';
import { skipWithout } from '../support/skip-without.ts';

const COST = 12;

/** A hasher that counts every request as one party. */
function hasher(costLog2: number, threadsMax = 1) {
  const { hash, verify } = createPasswordHasher({ costLog2, threadsMax, nowMs: () => Date.now() });
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
    const { hash } = hasher(COST);
    const [one, other] = [await hash('same password'), await hash('same password')];
    expect(one).not.to.equal(other);
    expect(one).to.match(/^scrypt\$12\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$/);
    expect(await hasher(13).verify('same password', one)).to.equal(true);
  });

  it('rejects an unknown account after the same amount of work', async () => {
    const { hash, verify } = hasher(13);
    await expectSameWork(verify, await hash('correct horse'));
  });

  for (const [what, earlier, now] of [
    ['was lower', 10, 13],
    ['was higher', 13, 11],
  ] as const) {
    it(`rehashes at log-in, and hides which accounts exist, if the stored cost ${what}`, async () => {
      const stored = await hasher(earlier).hash('correct horse');
      const { hash, verify, rehashed } = hasher(now);
      const later = (await rehashed('correct horse', stored)) ?? '';
      expect(later).to.match(new RegExp(`^scrypt\\$${now}\\$`));
      expect(await verify('correct horse', later)).to.equal(true);
      expect(await rehashed('correct horse', later)).to.equal(undefined);
      expect(await rehashed('wrong horse', stored)).to.equal(undefined);
      await expectSameWork(verify, stored);
      await expectSameWork(verify, await hash('correct horse'));
    });
  }

  /** Expects the same CPU time for an account with this hash as for an unknown account. */
  async function expectSameWork(
    verify: (password: string, stored: string | undefined) => Promise<boolean>,
    stored: string,
  ): Promise<void> {
    const cpuOf = async (hashed: string | undefined): Promise<number> => {
      const before = process.cpuUsage();
      expect(await verify('wrong horse', hashed)).to.equal(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
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
    it(`hashes ${threads} at a time, lets ${threads * 12} wait and rejects the next at once`, async () => {
      await expectBound(threads);
    });
  }

  async function expectBound(threads: number): Promise<void> {
    const { hash, verify } = hasher(COST, threads);
    const accepted = threads * 13;
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
      const { hash } = hasher(COST, 2);
      await Promise.all(Array.from({ length: 8 }, () => hash('correct horse')));
      expect(lowPriorityThreads() - before).to.equal(2);
    });
  });

  it('frees its place when a stored hash is unreadable', async () => {
    const { hash, verify } = hasher(COST);
    for (let run = 0; run < 20; run += 1) {
      const failed = await verify('x', 'md5$5f4dcc3b5aa765d61d8327deb882cf99').then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(failed).to.equal('unknown password hash');
    }
    expect(await verify('correct horse', await hash('correct horse'))).to.equal(true);
  });
});
