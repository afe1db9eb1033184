import { expect } from 'chai';
import { type IssueResult } from '../../../app/coupons/decide-issues.ts';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { OperationalError } from '../../../app/platform/operational-error.ts';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type CouponProcess, type CouponProcessOptions, openCouponProcess } from './coupon-process.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { until } from '../../support/until.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';

const QUANTITY = 20;
const USERS = 60;
const log = createLog({ level: 'error', role: 'test', stage: 'test' });

describe('issuing coupons, whatever happens to Redis', () => {
  let database: TestDatabase;
  let redis: OwnRedis;
  before(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    redis = await startOwnRedis();
  });
  afterEach(async () => expect(await ledgerFaults(database)).to.deep.equal([]));

  const issuer = (around?: CouponProcessOptions['around']) =>
    openCouponProcess({ databaseUrl: database.url, redisUrl: redis.url, ...(around && { around }) });

  /** Sixty users claim at once, spread over the processes. */
  const claimAll = async (issuers: readonly CouponProcess[], couponId: string) => {
    const results = await Promise.all(
      Array.from({ length: USERS }, async (_, index) =>
        issuers[index % issuers.length]?.issue({ couponId, userId: newUuid() }),
      ),
    );
    return results.map((result) => result?.code);
  };
  const count = (codes: readonly (string | undefined)[], code: IssueResult['code']) =>
    codes.filter((each) => each === code).length;
  const issuedCount = (couponId: string) =>
    database.value('SELECT issued_count FROM coupons WHERE id = ?', [uuidBytes(couponId)]);
  const left = (couponId: string) => redis.client.get(`coupon:{${couponId}}:left:1`);
  const isListed = async (couponId: string) =>
    (await redis.client.exists(`coupon:{${couponId}}:holders:1`)) === 1;
  const untilListed = (couponId: string) => until('the holders are listed', () => isListed(couponId));

  const states: readonly { title: string; enter: () => unknown }[] = [
    { title: 'is empty', enter: () => redis.client.flushall() },
    { title: 'is gone', enter: () => redis.stop() },
    { title: 'does not answer', enter: () => redis.freeze() },
    { title: 'is read-only', enter: () => redis.makeReadOnly() },
    {
      title: 'has no memory left',
      enter: async () => {
        await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
        await redis.client.config('SET', 'maxmemory', '1');
      },
    },
    { title: 'holds a counter that is far too high', enter: () => undefined },
  ];
  for (const { title, enter } of states) {
    it(`issues exactly the existing coupons while Redis ${title}`, async () => {
      const issuers = await Promise.all([issuer(), issuer()]);
      const couponId = await insertCoupon(database, { quantity: QUANTITY });
      await redis.client.set(`coupon:{${couponId}}:left:1`, '100000');
      await enter();
      const codes = await claimAll(issuers, couponId);
      expect(count(codes, 'issued')).to.equal(QUANTITY);
      expect(count(codes, 'coupon_sold_out')).to.equal(USERS - QUANTITY);
      expect(await issuedCount(couponId)).to.equal(QUANTITY);
    });
  }

  it('rejects latecomers without a MySQL query, and names the coupon of a user who has one', async () => {
    const one = await issuer();
    const couponId = await insertCoupon(database, { quantity: 1 });
    const stop = one.startReconciler();
    await until('the counter exists', () => left(couponId));
    await stop();
    const userId = newUuid();
    const issued = await one.issue({ couponId, userId });
    expect(issued.code).to.equal('issued');
    expect((await one.issue({ couponId, userId: newUuid() })).code).to.equal('coupon_sold_out');
    await untilListed(couponId);
    const asked = one.recordedCount;
    expect(count(await claimAll([one], couponId), 'coupon_sold_out')).to.equal(USERS);
    expect(await one.issue({ couponId, userId })).to.deep.equal({
      code: 'coupon_already_issued',
      userCouponId: issued.code === 'issued' && issued.issued.userCouponId,
    });
    expect(one.recordedCount).to.equal(asked);
  });

  it('reissues a unit whose claimer died while holding it', async () => {
    const one = await issuer();
    const couponId = await insertCoupon(database, { quantity: 1 });
    const dead = newUuid();
    await redis.client.set(`coupon:{${couponId}}:left:1`, '0');
    await redis.client.sadd(`coupon:{${couponId}}:claims`, dead);
    expect((await one.issue({ couponId, userId: newUuid() })).code).to.equal('issued');
    // The first claimer, who is still in Redis's set of claims, receives what MySQL recorded.
    expect((await one.issue({ couponId, userId: dead })).code).to.equal('coupon_sold_out');
  });

  it('lets a claimer who died try again', async () => {
    const one = await issuer();
    const couponId = await insertCoupon(database, { quantity: 2 });
    const dead = newUuid();
    await redis.client.set(`coupon:{${couponId}}:left:1`, '1');
    await redis.client.sadd(`coupon:{${couponId}}:claims`, dead);
    expect((await one.issue({ couponId, userId: dead })).code).to.equal('issued');
  });

  it('returns a unit when MySQL is unavailable, and the claim can be repeated', async () => {
    const couponId = await insertCoupon(database, { quantity: 2 });
    const one = await issuer();
    await redis.client.set(`coupon:{${couponId}}:left:1`, '2');
    const userId = newUuid();
    // Lock the coupon's row for longer than a claim waits.
    const release = await holdCoupon(database, couponId);
    const refused = await one.issue({ couponId, userId }).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'busy_retry' });
    await until('the unit is there again', async () => (await left(couponId)) === '2');
    await release();
    expect((await one.issue({ couponId, userId })).code).to.equal('issued');
    await until('the counter follows', async () => (await left(couponId)) === '1');
  });

  it('recognises holders after a flush, once the counters are rebuilt', async () => {
    const one = await issuer();
    const couponId = await insertCoupon(database, { quantity: QUANTITY });
    const soldOut = await insertCoupon(database, { quantity: 1 });
    const userId = newUuid();
    const issued = await one.issue({ couponId, userId });
    const last = await one.issue({ couponId: soldOut, userId });
    await redis.client.flushall();
    // This holds before the rebuild as well: users who have the coupon are never told that it is sold out.
    expect((await one.issue({ couponId: soldOut, userId: newUuid() })).code).to.equal('coupon_sold_out');
    const again = { couponId: soldOut, userId };
    const held = { code: 'coupon_already_issued', userCouponId: idOf(last) };
    expect(await one.issue(again)).to.deep.equal(held);

    const stop = one.startReconciler();
    await untilListed(soldOut);
    await until('the other counter exists', () => left(couponId));
    await stop();
    expect([await left(couponId), await left(soldOut)]).to.deep.equal([String(QUANTITY - 1), '0']);
    const asked = one.recordedCount;
    expect(await one.issue(again)).to.deep.equal(held);
    expect(one.recordedCount).to.equal(asked);
    expect(await one.issue({ couponId, userId })).to.deep.equal({ ...held, userCouponId: idOf(issued) });
    await until('the unit is there again', async () => (await left(couponId)) === String(QUANTITY - 1));
  });

  it('names the coupon of a user whose response was lost, even when sold out', async () => {
    const one = await issuer();
    const unlucky = await issuer(async (record) => {
      await record();
      throw new OperationalError('dependency_unavailable', 'nobody knows whether it was committed');
    });
    const couponId = await insertCoupon(database, { quantity: 1 });
    const stop = one.startReconciler();
    await until('the counter exists', () => left(couponId));
    await stop();
    const userId = newUuid();
    expect(await unlucky.issue({ couponId, userId }).catch((error: unknown) => error)).to.include({
      code: 'dependency_unavailable',
    });
    await until('the unit is there again', async () => (await left(couponId)) === '1');
    await expectKnown(one, { couponId, userId });
  });

  it('recognises users who got one while the counters were flushed and rebuilt', async () => {
    const one = await issuer();
    const couponId = await insertCoupon(database, { quantity: 1 });
    const rebuilt = async () => {
      const stop = one.startReconciler();
      await until('the counter exists', () => left(couponId));
      await stop();
    };
    await rebuilt();
    const slow = await issuer(async (record) => {
      await redis.client.flushall();
      await rebuilt();
      return record();
    });
    const userId = newUuid();
    expect((await slow.issue({ couponId, userId })).code).to.equal('issued');
    await expectKnown(one, { couponId, userId });
  });

  /** The user holds the last coupon: others hear that it is sold out, and the user that they have it. */
  async function expectKnown({ issue }: CouponProcess, claim: { couponId: string; userId: string }) {
    expect((await issue({ ...claim, userId: newUuid() })).code).to.equal('coupon_sold_out');
    await untilListed(claim.couponId);
    expect((await issue(claim)).code).to.equal('coupon_already_issued');
  }

  it('corrects wrong counters, and continues after failed rounds', async () => {
    const one = await issuer();
    const couponId = await insertCoupon(database, { quantity: 3 });
    one.startReconciler();
    await until('the counter is 3', async () => (await left(couponId)) === '3');
    await redis.client.set(`coupon:{${couponId}}:left:1`, '0');
    await until('the counter is corrected', async () => (await left(couponId)) === '3');
    // As after MySQL was restored from a backup in which the coupon was not sold out.
    await redis.client.sadd(`coupon:{${couponId}}:holders:1`, newUuid());
    await until('its holders are not listed', async () => !(await isListed(couponId)));
    const connections = async () =>
      Number(/total_connections_received:(\d+)/.exec(await redis.client.info('stats'))?.[1]);
    const before = await connections();
    await redis.makeReadOnly();
    // A rejected write ends the connection, and only the reconciler writes.
    await until('a round has failed', async () => (await connections()) > before);
    await redis.makeWritable();
    await redis.client.flushall();
    await until('the counter is rebuilt', async () => (await left(couponId)) === '3');
  });

  function idOf(result: IssueResult): string | undefined {
    return result.code === 'issued' ? result.issued.userCouponId : undefined;
  }
});

/** Locks the coupon's row from another connection, until the returned function is called. */
async function holdCoupon(database: TestDatabase, couponId: string): Promise<() => Promise<void>> {
  const pool = openDatabase({
    writerUrl: database.url,
    connectionsMax: 1,
    log,
    nowMs: () => Date.now(),
    random: Math.random,
  });
  onCleanup(() => pool.close());
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const finished = pool.withTransaction({ name: 'hold', rerunnable: false }, async (tx) => {
    await tx.read('SELECT id FROM coupons WHERE id = ? FOR UPDATE', [uuidBytes(couponId)]);
    held.resolve();
    // The server closes the connection after 5 s of silence, so keep it busy.
    for (let isHeld = true; isHeld; ) {
      isHeld = await Promise.race([
        release.promise.then(() => false),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500)),
      ]);
      await tx.read('SELECT 1');
    }
  });
  await held.promise;
  return async () => {
    release.resolve();
    await finished;
  };
}
