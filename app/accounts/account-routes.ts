import { z } from 'zod';
import {
  cartMergeSchema,
  type MergeGuestCartRequest,
  type MergeGuestCartResult,
} from '../carts/merge-guest-cart.ts';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { timeSchema } from '../http/contract/schemas.ts';
import { tokenCookie } from '../http/access/token-cookie.ts';
import { sessionCookieName } from '../http/contract/cookie-names.ts';
import { accountReply, accountSchema } from './account-reply.ts';
import { emailSchema, newPasswordSchema } from './credentials.ts';
import { type LogInDependencies, logIn } from './log-in.ts';
import { logOutEverywhere, type LogOutEverywhereDependencies } from './log-out-everywhere.ts';
import type { SessionTimesByRole } from './sessions.ts';
import { signUp, type SignUpDependencies } from './sign-up.ts';
import { findUserById } from './user-sql.ts';

export type AccountDependencies = SignUpDependencies &
  LogInDependencies &
  LogOutEverywhereDependencies & {
    readonly cookieSecure: boolean;
    readonly sessionTimes: SessionTimesByRole;
    readonly mergeGuestCart: (request: MergeGuestCartRequest) => Promise<MergeGuestCartResult>;
  };

export function accountRoutes(dependencies: AccountDependencies): Route[] {
  const { database, sessions, cookieSecure: secure, sessionTimes } = dependencies;
  const noCookie = { 'Set-Cookie': tokenCookie(sessionCookieName(secure), '', { maxAgeS: 0, secure }) };

  const signUpRoute = defineRoute({
    id: 'signUp',
    method: 'post',
    path: '/auth/signup',
    tag: 'Accounts',
    summary: 'Open an account with an empty wallet.',
    access: 'anyone',
    readsVisitor: true,
    rateLimit: 'auth',
    schema: { body: z.strictObject({ email: emailSchema, password: newPasswordSchema }) },
    replies: { 201: accountSchema },
    problems: ['email_taken'],
    handle: async ({ body, visitor }) => {
      const result = await signUp(dependencies, { ...body, address: visitor.address });
      if (result.code !== 'signed_up') return problem(result.code);
      return { status: 201, body: accountReply(result.user) };
    },
  });

  const logInRoute = defineRoute({
    id: 'logIn',
    method: 'post',
    path: '/auth/login',
    tag: 'Accounts',
    summary:
      'Start a session, returned as a cookie and as a bearer token. Ends the session that the request ' +
      "carries and merges the guest's cart into the account's cart.",
    access: 'anyone',
    readsVisitor: true,
    rateLimit: 'auth',
    schema: { body: z.strictObject({ email: emailSchema, password: z.string().min(1).max(128) }) },
    replies: {
      200: z.object({
        token: z.string(),
        expiresAt: timeSchema.meta({
          description:
            'End of the maximum lifetime, used or not. An idle session ends earlier; see SESSION_IDLE_S.',
        }),
        user: accountSchema,
        cart: cartMergeSchema,
      }),
    },
    replyHeaders: ['Set-Cookie'],
    problems: ['invalid_credentials'],
    handle: async ({ body, visitor }) => {
      const { address, token: earlierToken } = visitor;
      const result = await logIn(dependencies, { ...body, address, earlierToken });
      if (result.code === 'invalid_credentials') return problem(result.code);
      if (result.code === 'rate_limited') {
        return problem(result.code, {
          detail: 'Too many failed log-ins. Retry-After says when to try again.',
          retryAfterS: Math.ceil(result.waitMs / 1000),
        });
      }
      const { token, user } = result;
      const { ttlMaxS } = sessionTimes[user.role];
      const expiresAt = new Date(dependencies.nowMs() + ttlMaxS * 1000);
      const merge = await dependencies.mergeGuestCart({ userId: user.id, cartToken: visitor.cartToken });
      return {
        status: 200,
        headers: {
          'Set-Cookie': tokenCookie(sessionCookieName(secure), token, { maxAgeS: ttlMaxS, secure }),
        },
        body: {
          token,
          expiresAt,
          user: accountReply(user),
          cart: merge.code === 'merged' ? { adjustments: merge.adjustments } : null,
        },
      };
    },
  });

  const logOutRoute = defineRoute({
    id: 'logOut',
    method: 'post',
    path: '/auth/logout',
    tag: 'Accounts',
    summary: 'End this session.',
    access: 'user',
    schema: {},
    replies: { 204: null },
    replyHeaders: ['Set-Cookie'],
    handle: async ({ caller }) => {
      await sessions.end(caller.sessionId);
      return { status: 204, headers: noCookie };
    },
  });

  const logOutEverywhereRoute = defineRoute({
    id: 'logOutEverywhere',
    method: 'post',
    path: '/auth/logout-everywhere',
    tag: 'Accounts',
    summary: 'End every session of this account.',
    access: 'user',
    schema: {},
    replies: { 204: null },
    replyHeaders: ['Set-Cookie'],
    handle: async ({ caller }) => {
      await logOutEverywhere(dependencies, caller.userId);
      return { status: 204, headers: noCookie };
    },
  });

  const meRoute = defineRoute({
    id: 'readAccount',
    method: 'get',
    path: '/me',
    tag: 'Accounts',
    summary: 'Read the account of this session.',
    access: 'user',
    schema: {},
    replies: { 200: accountSchema },
    handle: async ({ caller }) => {
      const user = await findUserById(database, caller.userId);
      if (user === undefined) return problem('unauthenticated');
      return {
        status: 200,
        body: accountReply(user),
      };
    },
  });

  return [signUpRoute, logInRoute, logOutRoute, logOutEverywhereRoute, meRoute];
}
