import { sessionIdOf } from '../../../app/accounts/sessions.ts';
import type { AdminRole } from '../../../app/http/contract/admin-role.ts';
import { makeAdminBySql } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { CallerName } from './authorisation-table.ts';
import type { Credentials } from '../../support/shop/http-client.ts';
import type { TestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

export interface Account {
  readonly id: string;
  readonly credentials: Credentials;
}

/** The account whose session is used by the callers with an ended or misused session. */
export type RightAccount = 'owner' | 'admin';

export interface AuthorisationCallers {
  readonly accounts: Readonly<Record<'owner' | 'other' | 'admin' | 'peer' | 'view' | 'oper', Account>>;
  /** Headers that the caller sends, with a new session for each request. */
  headersOf(caller: CallerName, right: RightAccount): Promise<Readonly<Record<string, string>>>;
}

const BALANCE_KRW = 1_000_000;
const YEAR_AND_DAY_MS = 366 * 24 * 60 * 60 * 1000;

/** Creates six accounts with money, and their sessions in every state that a session can have. */
export async function authorisationCallers(shop: TestShop, app: AppProcess): Promise<AuthorisationCallers> {
  const visitor = shop.client(app);
  const redis = shop.redis.client;
  const account = async (role: 'customer' | AdminRole): Promise<Account> => {
    const { id, ...credentials } = await visitor.signUp();
    if (role !== 'customer') await makeAdminBySql(shop.database, id, role);
    await (await visitor.logIn(credentials)).charge(BALANCE_KRW);
    return { id, credentials };
  };
  const accounts = {
    owner: await account('customer'),
    other: await account('customer'),
    admin: await account('owner'),
    peer: await account('owner'),
    view: await account('viewer'),
    oper: await account('operator'),
  };
  const keyOf = (token: string) => `session:${sessionIdOf(token)}`;
  const logIn = async ({ credentials }: Account) => (await visitor.logIn(credentials)).token;

  const ended = {
    /** Expires the session's key, as half an hour without requests does. */
    async idle(own: Account) {
      const token = await logIn(own);
      await redis.pexpire(keyOf(token), 1);
      await until('the session has ended', async () => (await redis.exists(keyOf(token))) === 0);
      return token;
    },
    async out(own: Account) {
      const token = await logIn(own);
      await visitor.withToken(token).post('/auth/logout');
      return token;
    },
    /** Restores the ended session, as a Redis replica does that missed the log-out. */
    async epoch(own: Account) {
      const token = await logIn(own);
      const copy = await redis.dumpBuffer(keyOf(token));
      await visitor.withToken(token).post('/auth/logout-everywhere');
      await redis.restore(keyOf(token), 0, copy ?? Buffer.alloc(0));
      return token;
    },
  };
  const endedOf = async (own: Account) => ({
    idle: await ended.idle(own),
    out: await ended.out(own),
    epoch: await ended.epoch(own),
  });
  const endedTokens = { owner: await endedOf(accounts.owner), admin: await endedOf(accounts.admin) };

  /** Creates a session for each request: the first request removes it from Redis. */
  const tooOld = async (own: Account) => {
    const token = await logIn(own);
    const [userId, epoch] = JSON.parse((await redis.get(keyOf(token))) ?? '') as [string, number];
    const createdAtMs = Date.now() - YEAR_AND_DAY_MS;
    await redis.set(keyOf(token), JSON.stringify([userId, epoch, createdAtMs]), 'EX', 1800);
    return token;
  };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const cookie = (token: string) => ({ Cookie: `rowlock_session=${token}` });

  return {
    accounts,
    async headersOf(caller, right) {
      switch (caller) {
        case 'anon':
          return {};
        case 'owner':
        case 'other':
        case 'admin':
        case 'peer':
        case 'view':
        case 'oper':
          return bearer(await logIn(accounts[caller]));
        case 'idle':
        case 'out':
        case 'epoch':
          return bearer(endedTokens[right][caller]);
        case 'old':
          return bearer(await tooOld(accounts[right]));
        case 'site':
          return { ...cookie(await logIn(accounts[right])), Origin: 'https://evil.example' };
        case 'bare':
          return cookie(await logIn(accounts[right]));
      }
    },
  };
}
