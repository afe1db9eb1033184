import { hash } from 'node:crypto';
import type { RateLimiter } from '../platform/load/rate-limiter.ts';
import type { SharedCounts } from '../platform/redis/shared-counts.ts';

/** How long an address counts as known to an account after a log-in with the right password. */
const KNOWN_MS = 30 * 24 * 60 * 60 * 1000;

/** Limits on failed log-ins; undefined disables a limit. */
export interface LogInLimits {
  /** Per account and address: stops one client that guesses passwords. */
  readonly pair: RateLimiter | undefined;
  /** Per address, over all accounts: stops one client that tries a password with many accounts. */
  readonly address: RateLimiter | undefined;
  /** Per account, over all addresses that it does not know: stops many clients that guess together. */
  readonly account: RateLimiter | undefined;
}

export type Attempt =
  | { readonly code: 'rate_limited'; readonly waitMs: number }
  | {
      readonly code: 'allowed';
      /** The password was right: nothing is counted. */
      succeeded(): Promise<void>;
      /** The password was not checked after all: nothing is counted. */
      withdrawn(): Promise<void>;
    };

export interface LogInThrottle {
  /**
   * Counts an attempt as failed before its password is checked. Concurrent attempts therefore cannot exceed a
   * limit, and a rejected attempt costs no hash. Treats existing and unknown accounts alike. Never throws for
   * Redis.
   */
  begin(who: { readonly email: string; readonly address: string }): Promise<Attempt>;
}

/**
 * Users cannot be locked out at an address that their account knows: only failures from that address count
 * there.
 *
 * The limit per account alone can be used up by strangers. It then rejects every unknown address, including a
 * new one of the user. At the default limits, three addresses (10 failures each in 15 minutes, so 120 per
 * hour, against 100) can keep the user from logging in at new addresses. Without this limit, every address
 * that an attacker has could guess ten times in 15 minutes, which is worse.
 */
export function createLogInThrottle({
  limits,
  counts,
}: {
  readonly limits: LogInLimits;
  readonly counts: SharedCounts;
}): LogInThrottle {
  return {
    begin: async ({ email, address }) => {
      // E-mail addresses do not belong in key names.
      const account = hash('sha256', email, 'base64url');
      const pair = `${account}:${address}`;
      const knownKey = `known-address:${pair}`;
      const isKnown = limits.account !== undefined && ((await counts.find(knownKey)) ?? 0) > 0;
      const counted: (readonly [RateLimiter, string])[] = [];
      const giveBack = async () => {
        await Promise.all(counted.map(([limiter, party]) => limiter.giveBack(party)));
      };
      // In sequence, with undo: an attempt that one limit rejects must not count against the others.
      for (const [limiter, party] of [
        [limits.pair, pair],
        [limits.address, address],
        [isKnown ? undefined : limits.account, account],
      ] as const) {
        if (limiter === undefined) continue;
        const { isAllowed, resetMs } = await limiter.consumeExactly(party);
        if (!isAllowed) {
          await giveBack();
          return { code: 'rate_limited', waitMs: resetMs };
        }
        counted.push([limiter, party]);
      }
      return {
        code: 'allowed',
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
