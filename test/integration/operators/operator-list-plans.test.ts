import { expect } from 'chai';
import { listUsersByEmail } from '../../../app/accounts/customer-sql.ts';
import { listOperators, lockOperators } from '../../../app/accounts/operator-sql.ts';
import { listInvitations } from '../../../app/operators/invitation-sql.ts';
import type { Transaction } from '../../../app/platform/mysql/database.ts';
import { findWallets } from '../../../app/wallet/wallet-sql.ts';
import { createTestDatabase } from '../../support/servers/database.ts';
import { fillTables } from '../../support/servers/fill-tables.ts';
import { openReadCounter, type ReadCounter } from '../../support/servers/read-counter.ts';
import { timesOf } from '../../support/times-of.ts';

/** Number of accounts and of invitations; a power of ten. `LIST_ROWS=1000000` also prints rows and times. */
const ROWS = Number(process.env.LIST_ROWS || 10_000);
/** Admins among the accounts: more than a page may read, and more than a shop has. */
const ADMINS = 300;
/** Invitations that have not expired: more than the list shows. */
const OPEN = 300;
const LIMIT = 20;
const INVITATIONS_MAX = 100;
/** An index entry and its row, for the page and the row that shows that another one follows, and a little. */
const ROWS_READ_MAX = 2 * (LIMIT + 1) + 3;

const NOW = new Date('2026-06-01T00:00:00Z');
const emailOf = (n: number) => `user${String(n).padStart(9, '0')}@example.com`;

describe('the lists of customers and operators, in large tables', () => {
  let counter: ReadCounter;

  before(async function () {
    // A busy machine fills a million rows in minutes.
    if (process.env.LIST_ROWS) this.timeout(600_000);
    const { url } = await createTestDatabase();
    const id = "UNHEX(LPAD(HEX(n), 32, '0'))";
    const email = "CONCAT('user', LPAD(n, 9, '0'), '@example.com')";
    await fillTables(url, ROWS, [
      // The admins are the newest accounts, behind all customers of a list by id.
      `INSERT INTO users (id, email, password_hash, role, created_at)
       SELECT ${id}, ${email}, 'none', IF(n >= ${ROWS - ADMINS}, 'admin', 'customer'), '2026-01-01'
       FROM numbers`,
      `INSERT INTO wallets (user_id, balance, version) SELECT ${id}, 1, 1 FROM numbers`,
      // Open invitations have the last addresses, behind all expired ones of a list by address.
      `INSERT INTO operator_invitations (email, token_hash, admin_role, expires_at, created_at)
       SELECT ${email}, UNHEX(LPAD(HEX(n), 64, '0')), 'viewer',
         IF(n >= ${ROWS - OPEN}, '2026-06-02', '2026-01-02') + INTERVAL n SECOND, '2026-01-01' FROM numbers`,
      'ANALYZE TABLE users, wallets, operator_invitations',
    ]);
    counter = await openReadCounter(url);
  });
  after(() => counter?.close());

  const customers = async (prefix: string, afterEmail?: string) => {
    const users = await listUsersByEmail(counter.readReplica, { prefix, afterEmail, limit: LIMIT + 1 });
    const wallets = await findWallets(
      counter.readReplica,
      users.slice(0, LIMIT).map(({ id }) => id),
    );
    expect(wallets.size).to.equal(Math.min(LIMIT, users.length));
    return users.map(({ email }) => email);
  };
  const operators = async (afterId?: string) =>
    (await listOperators(counter.readReplica, { afterId, limit: LIMIT + 1 })).map(({ id }) => id);
  const invitations = async () =>
    (await listInvitations({ read: counter.readReplica }, { now: NOW, limit: INVITATIONS_MAX })).map(
      ({ email }) => email,
    );
  const emails = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => emailOf(from + index));

  it('read only the customers of the page, whatever the beginning of the address', async () => {
    const check = async (prefix: string, afterEmail: string | undefined, expected: readonly string[]) => {
      expect(await customers(prefix, afterEmail), prefix).to.deep.equal(expected);
      for (const { sql, rowsRead } of counter.take()) expect(rowsRead, sql).to.be.at.most(ROWS_READ_MAX);
    };
    for (const prefix of ['', 'u', 'user', 'user000']) {
      await check(prefix, undefined, emails(0, LIMIT + 1));
      await check(prefix, emailOf(ROWS / 2), emails(ROWS / 2 + 1, LIMIT + 1));
      await check(prefix, emailOf(ROWS - 3), emails(ROWS - 2, 2));
      await check(prefix, emailOf(ROWS), []);
    }
    await check(emailOf(ROWS - 7).slice(0, 13), undefined, emails(ROWS - 7, 1));
    await check(emailOf(ROWS / 2), undefined, emails(ROWS / 2, 1));
    // No address, or none of those with the beginning, is behind the cursor.
    await check('nobody', undefined, []);
    await check('v', undefined, []);
    await check('user000', 'v', []);
  });

  it('read only the operators of the page, among all accounts', async () => {
    const first = await operators();
    expect(first).to.have.lengthOf(LIMIT + 1);
    const second = await operators(first[LIMIT - 1]);
    expect(second).to.have.lengthOf(LIMIT + 1);
    expect(second[0]).to.equal(first[LIMIT]);
    for (const { sql, rowsRead } of counter.take()) expect(rowsRead, sql).to.be.at.most(ROWS_READ_MAX);
  });

  // A change of an operator locks all of them. They are the shop's staff: their number is the bound.
  it('read every operator, and no customer, where a change locks the operators', async () => {
    const locked = await lockOperators({ read: counter.readReplica } as unknown as Transaction);
    expect(locked).to.have.lengthOf(ADMINS);
    expect(counter.take()[0]?.rowsRead).to.be.at.most(2 * ADMINS + 3);
  });

  it('read only the invitations that they show, none that has expired', async () => {
    expect(await invitations()).to.deep.equal(emails(ROWS - INVITATIONS_MAX, INVITATIONS_MAX));
    expect(counter.take()[0]?.rowsRead).to.be.at.most(2 * INVITATIONS_MAX + 3);
  });

  it('would be reported if they scanned', async () => {
    await counter.readReplica('SELECT MAX(created_at) FROM users');
    await counter.readReplica('SELECT MAX(created_at) FROM operator_invitations');
    for (const { sql, rowsRead } of counter.take()) expect(rowsRead, sql).to.be.at.least(ROWS);
  });

  // Only with LIST_ROWS, to print what operators wait for.
  if (process.env.LIST_ROWS) {
    it('take as long as these pages', async () => {
      const pages: Record<string, () => Promise<unknown>> = {
        'customers, no filter': () => customers(''),
        'customers, a beginning and a cursor': () => customers('user000', emailOf(ROWS / 2)),
        operators: () => operators(),
        invitations,
      };
      for (const [name, read] of Object.entries(pages)) {
        const { p50, p99 } = await timesOf(read);
        const rows = Math.max(...counter.take().map(({ rowsRead }) => rowsRead));
        console.log(`      ${name}: ${rows} rows, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
      }
    });
  }
});
