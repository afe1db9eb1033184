import { createPasswordHasher } from '../../app/accounts/password.ts';
import type { HashCost } from '../../app/contract/hash-cost.ts';
import { signUp } from '../../app/accounts/sign-up.ts';
import { findUserByEmail } from '../../app/accounts/user-sql.ts';
import { requestHash } from '../../app/http/contract/request-hash.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import { newUuid } from '../../app/platform/uuid.ts';
import { chargeBalance } from '../../app/wallet/charge-balance.ts';
import { DEMO_BALANCE_KRW, demoAccounts } from './demo-accounts.ts';

/** The demo shop's admin may do everything. */
const FIRST_OWNER = {
  adminRole: 'owner',
  actor: { adminId: undefined, requestId: 'seed' },
} as const;
const CHARGE_KEY = 'demo-opening-balance';

export interface SeedAccountsOptions {
  readonly database: Database;
  readonly passwordHashing: HashCost;
  readonly nowMs: () => number;
}

/**
 * Creates missing demo accounts and the customer's opening balance. Returns the number of new accounts and
 * the amount charged.
 */
export async function seedAccounts({
  database,
  passwordHashing,
  nowMs,
}: SeedAccountsOptions): Promise<{ createdCount: number; chargedKrw: number }> {
  const passwords = createPasswordHasher({ cost: passwordHashing, threadsMax: 1, nowMs });
  let createdCount = 0;
  for (const { email, password, role } of Object.values(demoAccounts)) {
    const known = await findUserByEmail(database, email);
    if (known === undefined) {
      const made = await signUp(
        { database, passwords, newId: newUuid, nowMs },
        { email, password, address: 'seed', ...(role === 'admin' ? { admin: FIRST_OWNER } : {}) },
      );
      if (made.code === 'signed_up') createdCount += 1;
    } else if (known.role !== role) {
      throw new Error(`${email} has the role ${known.role} in this database but should be ${role}`);
    }
  }

  const customer = await findUserByEmail(database, demoAccounts.customer.email);
  if (customer === undefined) throw new Error(`${demoAccounts.customer.email} is not in the database`);
  const charged = await chargeBalance(
    { database, nowMs },
    {
      userId: customer.id,
      amountKrw: DEMO_BALANCE_KRW,
      idempotencyKey: CHARGE_KEY,
      requestHash: requestHash(DEMO_BALANCE_KRW),
    },
  );
  if (charged.code !== 'charged')
    throw new Error(`${customer.email} was charged a different amount under the key ${CHARGE_KEY}`);
  return { createdCount, chargedKrw: charged.replayed ? 0 : DEMO_BALANCE_KRW };
}
