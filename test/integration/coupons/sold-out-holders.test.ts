import { expect } from 'chai';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.ts';
import { type OwnRedis, startOwnRedis } from '../../support/servers/own-redis.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';
import { until } from '../../support/until.ts';
import { startRedisPair } from '../platform/redis-pair.ts';
import { type CouponProcess, openCouponProcess } from './coupon-process.ts';

/** Holders per page; see publish-holders.ts. */
const PAGE = 500;
const CROWD = 100;

describe('holders of a sold-out coupon', () => {
  let database: TestDatabase;
  let redis: OwnRedis;
  before(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    redis = await startOwnRedis();
  });
  afterEach(async () => expect(await ledgerFaults(database)).to.deep.equal([]));

  const open = (afterRead: (sql: string) => unknown = () => undefined) =>
    openCouponProcess({ databaseUrl: database.url, redisUrl: redis.url, afterRead });

  it('are recognised although the reconciler read MySQL before the last one was issued', async () => {
    const couponId = await insertCoupon(database, { quantity: 2 });
    const [one, early, late] = [await open(), newUuid(), newUuid()];
    await one.issue({ couponId, userId: early });
    let reads = 0;
    let isIssued = false;
    const other = await open(async (sql) => {
      reads += 1;
      // Once it has read holders, or has finished a round, which reads the coupons twice, without doing so.
      if (isIssued || !(isPageOfHolders(sql) || reads > 2)) return;
      isIssued = true;
      expect((await one.issue({ couponId, userId: late })).code).to.equal('issued');
      await until(
        'the claim is counted',
        async () => (await redis.client.sismember(claimsOf(couponId), late)) === 1,
      );
      await redis.client.del(claimsOf(couponId));
    });
    const stop = other.startReconciler();
    await until('the last one is issued', () => isIssued);
    await stop();
    await expectHolders({ issue: one.issue, redis, couponId }, [early, late]);
  });

  it('are recognised after a failover of Redis that loses the latest claim', async () => {
    const pair = await startRedisPair();
    const couponId = await insertCoupon(database, { quantity: 2 });
    const former = await openCouponProcess({ databaseUrl: database.url, redisUrl: pair.primary.url });
    const [early, late] = [newUuid(), newUuid()];
    await former.issue({ couponId, userId: early });
    const stop = former.startReconciler();
    await until('the counter exists', () => pair.primary.client.get(leftOf(couponId)));
    await stop();
    await pair.switchRoles();
    // The former primary still accepts the last claim, and the new one never learns of it.
    await pair.replica.client.replicaof('NO', 'ONE');
    expect((await former.issue({ couponId, userId: late })).code).to.equal('issued');
    const current = await openCouponProcess({ databaseUrl: database.url, redisUrl: pair.primary.url });
    await expectHolders({ issue: current.issue, redis: pair.primary, couponId }, [early, late]);
  });

  it('are listed once when a crowd claims at two processes', async () => {
    const couponId = await insertCoupon(database, { quantity: 20 });
    let pages = 0;
    const countPages = (sql: string) => {
      if (isPageOfHolders(sql)) pages += 1;
    };
    const processes = [await open(countPages), await open(countPages)];
    const claimAll = () =>
      Promise.all(
        Array.from({ length: CROWD }, async (_, index) => {
          const reply = await processes[index % 2]?.issue({ couponId, userId: newUuid() });
          return reply?.code;
        }),
      );
    const recorded = () => processes.map(({ recordedCount }) => recordedCount);
    await claimAll();
    await untilListed(redis, couponId);
    const before = recorded();
    expect(await claimAll()).to.deep.equal(Array(CROWD).fill('coupon_sold_out'));
    expect({ pages, recorded: recorded() }).to.deep.equal({ pages: 1, recorded: before });
  });

  it('are never listed in part when Redis loses a page of them', async () => {
    const holders = Array.from({ length: PAGE + 1 }, newUuid).toSorted();
    const couponId = await insertSoldOut(holders.length, holders);
    let pages = 0;
    const { issue } = await open(async (sql) => {
      if (!isPageOfHolders(sql)) return;
      pages += 1;
      if (pages === 2) await redis.client.flushall();
    });
    await expectHolders({ issue, redis, couponId }, [holders[0] as string, holders.at(-1) as string]);
    expect(pages).to.equal(4);
    expect(await redis.client.scard(holdersOf(couponId))).to.equal(holders.length);
  });

  it('are never listed in part when an outdated MySQL server lacks one', async () => {
    const [first, second] = [newUuid(), newUuid()];
    const couponId = await insertSoldOut(2, [first]);
    let pages = 0;
    const { issue } = await open((sql) => {
      if (isPageOfHolders(sql)) pages += 1;
    });
    expect((await issue({ couponId, userId: newUuid() })).code).to.equal('coupon_sold_out');
    await until('the holders are read', () => pages === 1);
    await insertHolders(couponId, [second]);
    // Otherwise it takes seconds until a claim may try again.
    await redis.client.del(`coupon:{${couponId}}:listing:1`);
    await expectHolders({ issue, redis, couponId }, [first, second]);
  });

  const leftOf = (couponId: string) => `coupon:{${couponId}}:left:1`;
  const claimsOf = (couponId: string) => `coupon:{${couponId}}:claims`;
  const holdersOf = (couponId: string) => `coupon:{${couponId}}:holders:1`;
  const isPageOfHolders = (sql: string) => sql.startsWith('SELECT user_id FROM user_coupons');
  const untilListed = ({ client }: OwnRedis, couponId: string) =>
    until('the holders are listed', async () => (await client.exists(holdersOf(couponId))) === 1);

  /** Latecomers claim until Redis alone rejects them. Then each holder still receives their coupon's id. */
  async function expectHolders(
    at: { readonly issue: CouponProcess['issue']; readonly redis: OwnRedis; readonly couponId: string },
    holders: readonly string[],
  ): Promise<void> {
    const { issue, couponId } = at;
    const codes = new Set<string>();
    await until('the holders are listed', async () => {
      codes.add((await issue({ couponId, userId: newUuid() })).code);
      return (await at.redis.client.exists(holdersOf(couponId))) === 1;
    });
    expect([...codes]).to.deep.equal(['coupon_sold_out']);
    for (const userId of holders) {
      expect((await issue({ couponId, userId })).code).to.equal('coupon_already_issued');
    }
    expect((await issue({ couponId, userId: newUuid() })).code).to.equal('coupon_sold_out');
  }

  async function insertSoldOut(quantity: number, holders: readonly string[]): Promise<string> {
    const couponId = await insertCoupon(database, { quantity });
    await database.write('UPDATE coupons SET issued_count = quantity WHERE id = ?', [uuidBytes(couponId)]);
    await insertHolders(couponId, holders);
    return couponId;
  }

  async function insertHolders(couponId: string, holders: readonly string[]): Promise<void> {
    await database.write('INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at) VALUES ?', [
      holders.map((user) => [
        uuidBytes(newUuid()),
        uuidBytes(couponId),
        uuidBytes(user),
        'ISSUED',
        new Date(),
      ]),
    ]);
  }
});
