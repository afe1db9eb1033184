import { expect } from 'chai';
import { uuidBytes, uuidText } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { createCustomers, type TestCustomer } from '../support/shop/create-customers.ts';
import { openFaultProxy, type FaultProxy } from '../support/servers/fault-proxy.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';
import { crowd, type CrowdAnswer, crowdRequest } from '../support/crowd/crowd.ts';

const USERS = 10_000;
const COUPONS = 100;
/** Number of claim groups before which the coupon's keys are deleted. */
const FLUSHES = 5;

describe('10,000 users for 100 coupons at two processes', () => {
  const shop = useTestShop();
  let users: TestCustomer[];
  let survivor: AppProcess;
  let proxies: { readonly doomed: FaultProxy; readonly survivor: FaultProxy };

  before(async function () {
    users = await createCustomers(shop, USERS, 0);
    const { DATABASE_URL = '' } = shop.env;
    proxies = { doomed: await openFaultProxy(DATABASE_URL), survivor: await openFaultProxy(DATABASE_URL) };
    survivor = await shop.start(['api', 'worker'], {
      env: { DATABASE_URL: proxies.survivor.through(DATABASE_URL), COUPON_RECONCILE_EVERY_MS: '500' },
    });
  });

  /** Where the doomed process gets stuck before it answers any client, and how to tell that it is stuck. */
  const moments: readonly {
    readonly title: string;
    readonly watch: () => void;
    readonly isStuck: (couponId: string) => Promise<boolean>;
  }[] = [
    {
      title: 'with all coupons reserved in Redis and none recorded',
      watch: () =>
        proxies.doomed.watchClient((bytes) =>
          bytes.includes('FROM coupons FORCE INDEX') ? 'freeze' : 'forward',
        ),
      isStuck: async (couponId) => (await leftInRedis(couponId)) === '0',
    },
    {
      title: 'with some coupons recorded',
      watch: () => {
        const issuing = new Set<number>();
        proxies.doomed.watchClient((bytes, connection) => {
          if (bytes.includes('INSERT INTO user_coupons')) issuing.add(connection);
          const isCommit = issuing.has(connection) && bytes.toString('latin1').endsWith('COMMIT');
          return isCommit ? 'forward-then-freeze' : 'forward';
        });
      },
      isStuck: async (couponId) => (await issuedCount(couponId)) > 0,
    },
  ];

  for (const { title, watch, isStuck } of moments) {
    it(`get exactly 100 while Redis loses its keys and a process is killed ${title}`, async function () {
      const { DATABASE_URL = '' } = shop.env;
      const doomed = await shop.start(['api'], {
        env: { DATABASE_URL: proxies.doomed.through(DATABASE_URL) },
      });
      const couponId = await newCoupon();
      watch();
      const flushes = deleteKeysWhileRecording(couponId);
      // Hold the survivor, or it would issue all coupons before the doomed process is stuck.
      await proxies.survivor.blackhole();

      const storm = crowd(
        [doomed.url, survivor.url],
        users.map(({ token }) => crowdRequest({ path: `/coupons/${couponId}/issue`, token })),
      );
      await until('the process is stuck', () => isStuck(couponId));
      const recordedCount = await issuedCount(couponId);
      await doomed.kill();
      await proxies.survivor.pass();
      const { answers, durationMs, retries } = await storm;

      console.log(
        `    ${(durationMs / 1000).toFixed(1)} s, ${recordedCount} recorded before the kill, ` +
          `${count(answers, 'coupon_sold_out')} sold out, ${retries} retries, keys deleted ` +
          `${flushes.count} times`,
      );
      expect(flushes.count).to.equal(FLUSHES);
      await expectIssuedExactly(couponId, answers);
      await until(
        'the holders are listed',
        async () => (await shop.redis.client.exists(holdersOf(couponId))) === 1,
      );
    });
  }

  const leftInRedis = (couponId: string) => shop.redis.client.get(`coupon:{${couponId}}:left:1`);
  const holdersOf = (couponId: string) => `coupon:{${couponId}}:holders:1`;
  const issuedCount = (couponId: string) =>
    shop.database.value('SELECT issued_count FROM coupons WHERE id = ?', [uuidBytes(couponId)]);

  async function newCoupon(): Promise<string> {
    const admin = await adminClient(shop, survivor);
    const reply = await admin.post('/admin/coupons', {
      name: 'First come',
      discount: { kind: 'FIXED', amount: 1000 },
      quantity: COUPONS,
      validFrom: '2020-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
    });
    expect(reply.status, reply.text).to.equal(201);
    return reply.body.id;
  }

  /** Deletes the coupon's keys each time the surviving process is about to read the coupon from MySQL. */
  function deleteKeysWhileRecording(couponId: string): { readonly count: number } {
    let deleted = 0;
    proxies.survivor.watchClient((bytes) => {
      if (deleted < FLUSHES && bytes.includes('FROM coupons FORCE INDEX')) {
        deleted += 1;
        const names = ['left:1', 'claims', 'holders:1', 'listing:1'];
        void shop.redis.client.del(names.map((name) => `coupon:{${couponId}}:${name}`));
      }
      return 'forward';
    });
    return {
      get count() {
        return deleted;
      },
    };
  }

  /** MySQL holds exactly COUPONS claims, and each user received the result that MySQL recorded for them. */
  async function expectIssuedExactly(couponId: string, answers: readonly CrowdAnswer[]): Promise<void> {
    const { database } = shop;
    const rows = await database.read<{ id: Buffer; user_id: Buffer }>(
      'SELECT id, user_id FROM user_coupons WHERE coupon_id = ?',
      [uuidBytes(couponId)],
    );
    const issued = rows.map(({ id, user_id: userId }) => `${uuidText(userId)} ${uuidText(id)}`).toSorted();
    expect(issued).to.have.lengthOf(COUPONS);
    expect(await issuedCount(couponId)).to.equal(COUPONS);
    // Users who lost their answer with the killed process received their coupon's id on the next try.
    const told = answers
      .flatMap(({ id }, index) => (id === undefined ? [] : [`${users[index]?.userId} ${id}`]))
      .toSorted();
    expect(told).to.deep.equal(issued);
    expect(count(answers, 'coupon_sold_out')).to.equal(USERS - COUPONS);
    expect(await ledgerFaults(database)).to.deep.equal([]);
  }

  function count(answers: readonly CrowdAnswer[], code: string): number {
    return answers.filter((answer) => answer.code === code).length;
  }
});
