import { hash } from 'node:crypto';
import type { RateLimiter } from '../platform/load/rate-limiter.ts';
import type { SharedCounts } from '../platform/redis/shared-counts.ts';

/** An address from which the right password came is not counted among an account's strangers for this long. */
const KNOWN_MS = 30 * 24 * 60 * 60 * 1000;

/** Of failed log-ins; undefined turns one off. */
export interface LogInLimits {
  /** By account and address together: what stops somebody who guesses. */
  readonly pair: RateLimiter | undefined;
  /** By address, over all accounts: what stops somebody who tries one password with many. */
  readonly address: RateLimiter | undefined;
  /** By account, over all addresses from which nobody has logged in to it lately: what stops many who guess together. */
  readonly account: RateLimiter | undefined;
}

export type Attempt =
  | { readonly isAllowed: false; readonly waitMs: number }
  | {
      readonly isAllowed: true;
      /** The password was right: nothing is held against anybody. */
      succeeded(): Promise<void>;
      /** It was not looked at after all. */
      withdrawn(): Promise<void>;
    };

export interface LogInThrottle {
  /**
   * Counts an attempt as failed before its password is looked at, so that any number of attempts at once cannot get past
   * it and one too many costs no hash. Knows no difference between accounts that exist and others. Never throws for
   * Redis.
   */
  begin(who: { readonly email: string; readonly address: string }): Promise<Attempt>;
}

/**
 * Nobody can lock a user out of an address that the account knows: only the failures of that address count there. The limit by
 * account alone, which strangers can use up, keeps out strangers, and the user as well where he is one: at the default
 * limits three addresses (10 each in 15 minutes, so 120 in an hour, against 100) can go on keeping the user from log-ins at new
 * addresses. Without it as many addresses as somebody has would guess ten times each in 15 minutes; that is the worse of the two.
 */
export function logInThrottle(limits: LogInLimits, counts: SharedCounts): LogInThrottle {
  return {
    begin: async ({ email, address }) => {
      // E-mail addresses are nothing for the names of keys.
      const account = hash('sha256', email, 'base64url');
      const pair = `${account}:${address}`;
      const knownKey = `known-address:${pair}`;
      const isKnown = limits.account !== undefined && ((await counts.find(knownKey)) ?? 0) > 0;
      const counted: (readonly [RateLimiter, string])[] = [];
      const giveBack = async () => {
        await Promise.all(counted.map(([limiter, party]) => limiter.giveBack(party)));
      };
      // One after the other, and undone: an attempt that one limit refuses must not count against the others.
      for (const [limiter, party] of [
        [limits.pair, pair],
        [limits.address, address],
        [isKnown ? undefined : limits.account, account],
      ] as const) {
        if (limiter === undefined) continue;
        const { isAllowed, resetMs } = await limiter.takeExactly(party);
        if (!isAllowed) {
          await giveBack();
          return { isAllowed: false, waitMs: resetMs };
        }
        counted.push([limiter, party]);
      }
      return {
        isAllowed: true,
        succeeded: async () => {
          await giveBack();
          await limits.pair?.forget(pair);
          if (limits.account !== undefined && !isKnown) await counts.add(knownKey, 1, KNOWN_MS);
        },
        withdrawn: giveBack,
      };
    },
  };
}
