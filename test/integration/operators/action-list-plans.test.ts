import { expect } from 'chai';
import { findEmails } from '../../../app/accounts/user-sql.ts';
import { type ActionFilters, findActionsOn, listActions } from '../../../app/operators/action-sql.ts';
import type { AdminActionName } from '../../../app/operators/admin-action.ts';
import type { Database } from '../../../app/platform/mysql/database.ts';
import { uuidText } from '../../../app/platform/uuid.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { fillTables } from '../../support/servers/fill-tables.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';
import { timesOf } from '../../support/times-of.ts';

/** Number of actions; a power of ten. `LIST_ROWS=1000000` also prints rows and times. */
const ROWS = Number(process.env.LIST_ROWS || 10_000);
/** The oldest actions have the rare values: a list without the right index passes all others first. */
const OLD = 400;
const LIMIT = 20;
/** An index entry and its row, for the page and the row that shows that another one follows, and a little. */
const ROWS_READ_MAX = 2 * (LIMIT + 1) + 3;
/** The page's admins: an entry of the primary key each. */
const EMAILS_READ_MAX = 2 * LIMIT;
const TRACED_MAX = 1000;

const COMMON = { admin: 'a1', target: 'a2', action: 'stock_adjusted' } as const;
const RARE = { admin: 'b1', target: 'b2', action: 'coupon_stopped' } as const;
const bytes = (hex: string) => Buffer.alloc(16, Number.parseInt(hex, 16));
const idOf = (hex: string) => uuidText(bytes(hex));

interface Values {
  readonly admin: string;
  readonly action: AdminActionName;
  readonly target: string;
}

/** Whether an action of this number has the rare value; of the old ones all combinations exist. */
const isRare: Readonly<Record<keyof Values, (n: number) => boolean>> = {
  admin: (n) => n < OLD && n % 2 === 0,
  action: (n) => n < OLD && n < OLD / 2,
  target: (n) => (n < OLD ? Math.floor(n / 2) % 2 === 0 : false),
};

describe('the trail of admin actions, in a large table', () => {
  let counter: ReadCounter;
  let database: Database;

  before(async function () {
    // A busy machine fills a million rows in minutes.
    if (process.env.LIST_ROWS) this.timeout(600_000);
    const { url } = await createTestDatabase();
    await fillTables(url, ROWS, [
      `INSERT INTO admin_actions (seq, admin_id, action, target_kind, target_id, request_id, at)
       SELECT n + 1,
         IF(n < ${OLD} AND n % 2 = 0, UNHEX('${hex(RARE.admin)}'), UNHEX('${hex(COMMON.admin)}')),
         IF(n < ${OLD / 2}, '${RARE.action}', '${COMMON.action}'), 'product',
         IF(n < ${OLD} AND FLOOR(n / 2) % 2 = 0, UNHEX('${hex(RARE.target)}'),
           UNHEX('${hex(COMMON.target)}')),
         'request', '2026-01-01' FROM numbers ORDER BY n`,
      `INSERT INTO users (id, email, password_hash, role, created_at) VALUES
         (UNHEX('${hex(COMMON.admin)}'), 'common@example.com', 'none', 'admin', '2026-01-01'),
         (UNHEX('${hex(RARE.admin)}'), 'rare@example.com', 'none', 'admin', '2026-01-01')`,
      'ANALYZE TABLE admin_actions, users',
    ]);
    counter = await openReadCounter(url);
    database = { read: counter.readReplica } as unknown as Database;
  });
  after(() => counter?.close());

  const page = (filters: ActionFilters, beforeSeq = Number.MAX_SAFE_INTEGER) =>
    listActions(database, filters, { beforeSeq, limit: LIMIT + 1 });

  it('is read from the first row of the page on, whatever the filters', async () => {
    const read: Record<string, number> = {};
    for (const [name, wanted] of Object.entries(combinations())) {
      const filters = filtersOf(wanted);
      const expected = seqsWith(wanted, 3 * LIMIT);
      let beforeSeq: number | undefined;
      for (const from of [0, LIMIT]) {
        const found = await page(filters, beforeSeq);
        expect(found.map(({ seq }) => seq)).to.deep.equal(expected.slice(from, from + LIMIT + 1), name);
        const rowsRead = takeRows(counter);
        expect(rowsRead, name).to.be.at.most(ROWS_READ_MAX);
        read[name] = Math.max(read[name] ?? 0, rowsRead);
        beforeSeq = found[LIMIT - 1]?.seq ?? 0;
      }
    }
    expect(Object.keys(read)).to.have.lengthOf(27);
    if (process.env.LIST_ROWS) console.log('      rows read at most:', Math.max(...Object.values(read)));
  });

  it('names the admins of a page by their primary keys', async () => {
    const actions = await page({});
    const emails = await findEmails(
      database.read,
      actions.flatMap(({ actor }) => actor.adminId ?? []),
    );
    expect([...emails.values()]).to.deep.equal(['common@example.com']);
    expect(counter.take().at(-1)?.rowsRead).to.be.at.most(EMAILS_READ_MAX);
  });

  it('tells a stock ledger who adjusted the product, from its 1,000 newest actions', async () => {
    const found = await findActionsOn(database.read, [idOf(COMMON.target)], COMMON.action);
    expect(found.map(({ seq }) => seq)).to.deep.equal(
      seqsWith({ target: COMMON.target, action: COMMON.action }, TRACED_MAX),
    );
    expect(takeRows(counter)).to.be.at.most(2 * TRACED_MAX + 3);
    const rare = await findActionsOn(database.read, [idOf(COMMON.target)], RARE.action);
    expect(rare).to.have.lengthOf(OLD / 4);
    expect(takeRows(counter)).to.be.at.most(2 * (OLD / 4) + 3);
  });

  it('would be reported if it scanned', async () => {
    await counter.readReplica('SELECT MAX(request_id) FROM admin_actions');
    expect(takeRows(counter)).to.be.at.least(ROWS);
  });

  // Only with LIST_ROWS, to print what operators wait for.
  if (process.env.LIST_ROWS) {
    it('takes as long as its slowest combination of filters', async () => {
      let slowest = { p50: 0, p99: 0 };
      for (const wanted of Object.values(combinations())) {
        const times = await timesOf(() => page(filtersOf(wanted)));
        if (times.p99 > slowest.p99) slowest = times;
      }
      counter.take();
      console.log(`      p50 ${slowest.p50.toFixed(1)} ms, p99 ${slowest.p99.toFixed(1)} ms`);
    });
  }
});

const hex = (byte: string) => byte.repeat(16);

function takeRows(counter: ReadCounter): number {
  return counter.take().reduce((sum, { rowsRead }) => sum + rowsRead, 0);
}

/** Each filter absent, common or rare: 27. */
function combinations(): Record<string, Partial<Values>> {
  const all: Record<string, Partial<Values>> = {};
  for (const target of [undefined, COMMON.target, RARE.target]) {
    for (const admin of [undefined, COMMON.admin, RARE.admin]) {
      for (const action of [undefined, COMMON.action, RARE.action]) {
        all[`target ${target}, admin ${admin}, action ${action}`] = {
          ...(target === undefined ? {} : { target }),
          ...(admin === undefined ? {} : { admin }),
          ...(action === undefined ? {} : { action }),
        };
      }
    }
  }
  return all;
}

function filtersOf({ target, admin, action }: Partial<Values>): ActionFilters {
  return {
    targetId: target === undefined ? undefined : idOf(target),
    adminId: admin === undefined ? undefined : idOf(admin),
    action,
  };
}

/** The newest `count` actions with these values. */
function seqsWith(wanted: Partial<Values>, count: number): number[] {
  const keys = Object.keys(wanted) as (keyof Values)[];
  const seqs: number[] = [];
  for (let n = ROWS - 1; n >= 0 && seqs.length < count; n -= 1) {
    if (keys.every((key) => isRare[key](n) === (wanted[key] === RARE[key]))) seqs.push(n + 1);
  }
  return seqs;
}
