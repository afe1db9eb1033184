import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { createRedisLocks } from '../../../app/platform/redis/redis-lock.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createCustomers } from '../../support/shop/create-customers.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';
import type { LockHolderJob } from './lock-holder.ts';

const COUPONS = 5;
const USERS = 20;
const lock = { name: 'coupon-counters', ttlMs: 300, waitMaxMs: 5000 };
const BLOCK_MS = 3000;

describe('a process that blocks its event loop for longer than its lock lives', () => {
  const shop = useTestShop();

  it('leaves two holders and a stale write in Redis, but MySQL stays correct', async function () {
    const app = await shop.start(['api']);
    const couponId = await insertCoupon(shop.database, { quantity: COUPONS });
    const users = await createCustomers(shop, USERS, 0);
    const leftInRedis = () => shop.redis.client.get(`coupon:{${couponId}}:left:1`);
    const claimAll = async (tokens: readonly string[]) => {
      const replies = await Promise.all(
        tokens.map((token) => shop.client(app).withToken(token).post(`/coupons/${couponId}/issue`)),
      );
      return replies.filter(({ status }) => status === 201).length;
    };
    const tokens = users.map(({ token }) => token);

    const holder = fork(fileURLToPath(new URL('./lock-holder.ts', import.meta.url)));
    onCleanup(() => {
      holder.kill('SIGKILL');
    });
    // Collect messages from the first one on: on a busy machine, two may arrive in one tick.
    const said: unknown[] = [];
    holder.on('message', (message) => said.push(message));
    holder.send({
      databaseUrl: shop.database.url,
      redisUrl: shop.redis.url,
      lock,
      blockMs: BLOCK_MS,
    } satisfies LockHolderJob);
    expect(await until('the process has read the coupons', () => said[0])).to.deep.equal({ read: [COUPONS] });

    // While the holder is blocked, a second process takes the lock, and all coupons are claimed.
    const store = openRedis({
      url: shop.redis.url,
      role: 'state',
      log: createLog({ level: 'error', role: 'test', stage: 'test' }),
    });
    onCleanup(() => store.close());
    await store.ready(5000);
    const second = await createRedisLocks({
      store,
      log: createLog({ level: 'error', role: 'test', stage: 'test' }),
    }).tryRun(lock, async () => claimAll(tokens.slice(0, USERS / 2)));
    expect(second).to.deep.equal({ ran: true, value: COUPONS });
    expect(await leftInRedis()).to.not.equal(String(COUPONS));

    // The holder wakes up without the lock and opens a counter for coupons that are gone.
    expect(await until('the blocked process continues', () => said[1])).to.deep.equal({
      outcome: { ran: true, value: false },
    });
    expect(await leftInRedis()).to.equal(String(COUPONS));
    expect(await claimAll(tokens.slice(USERS / 2))).to.equal(0);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await shop.database.value('SELECT COUNT(*) FROM user_coupons')).to.equal(COUPONS);
  });
});
