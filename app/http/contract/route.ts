import type { z } from 'zod';
import type { AdminRole } from './admin-role.ts';
import type { ReplyHeader } from './document-headers.ts';
import type { Problem } from './problem.ts';
import type { ProblemCode } from './problem-table.ts';
import type { Tag } from './tags.ts';

export interface Caller {
  readonly userId: string;
  readonly role: 'customer' | 'admin';
  /** Set for admins only. */
  readonly adminRole?: AdminRole | undefined;
  /** Hash of the session token: names the session without being it. */
  readonly sessionId: string;
}

/** The sender of a request that may have no session. */
export interface Visitor {
  /** See client-address.ts. All visitors with an unknown address share one value. */
  readonly address: string;
  /** A session token; its session may have ended. */
  readonly token: string | undefined;
  /** A guest cart's token; the cart may have expired. */
  readonly cartToken: string | undefined;
  /** The session's caller; set only on routes with `access: 'shopper'`. */
  readonly caller?: Caller;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The input of a handler: every part has passed its schema. */
export interface RouteRequest<Path, Query, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** Present on routes with `access: 'user'` or the role of an admin. */
  readonly caller: Caller;
  /** Id of this request, as in the log and in the response's `X-Request-Id`. */
  readonly requestId: string;
  /** Present on routes with `readsVisitor` or `access: 'shopper'`. */
  readonly visitor: Visitor;
  /**
   * Present on routes with `idempotencyKey: 'required'`, and where it is 'optional' if the client sent one.
   */
  readonly idempotencyKey: string | undefined;
  /** The header, on routes with `ifMatch: 'required'`. */
  readonly ifMatch: string | undefined;
}

type Output<S, Absent> = S extends z.ZodType ? z.infer<S> : Absent;

export interface RouteDefinition<
  Path extends z.ZodObject | undefined,
  Query extends z.ZodObject | undefined,
  Body extends z.ZodType | undefined,
> {
  /** The operation's id in OpenAPI: what generated clients call their method. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Express path, such as `/orders/:orderId`. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  /**
   * `shopper`: a session or a guest, with or without a cart. `user`: any session. `viewer`, `operator` and
   * `owner`: the session of an admin with at least this role.
   */
  readonly access: 'anyone' | 'shopper' | 'user' | AdminRole;
  /**
   * The handler receives the visitor. Pages of other origins cannot send such a request: they could log a
   * browser in to their own account.
   */
  readonly readsVisitor?: true;
  /** Whether the route honours the header. Unsafe routes without this setting reject requests with a key. */
  readonly idempotencyKey?: 'required' | 'optional';
  /** The route's own limit, instead of the limits per user and per address. */
  readonly rateLimit?: 'none' | 'auth' | 'status';
  /** The caller names the version that it has read with `If-Match`. */
  readonly ifMatch?: 'required';
  /** True while the route sheds requests: they get 503 before session lookup and body. */
  readonly isBusy?: () => boolean;
  readonly schema: { readonly path?: Path; readonly query?: Query; readonly body?: Body };
  /** Schemas of success bodies by status. */
  readonly replies: Readonly<Record<number, z.ZodType | null>>;
  /** Headers of success replies that clients may use; see document-headers.ts. */
  readonly replyHeaders?: readonly ReplyHeader[];
  /** Problems in addition to those of every such route. */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (
    request: RouteRequest<Output<Path, undefined>, Output<Query, undefined>, Output<Body, undefined>>,
  ) => Promise<Reply | Problem>;
}

/** A route with the types of its schemas erased. */
export type Route = Omit<RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType>, 'handle' | 'schema'> & {
  readonly schema: { readonly path?: z.ZodObject; readonly query?: z.ZodObject; readonly body?: z.ZodType };
  readonly handle: (request: RouteRequest<never, never, never>) => Promise<Reply | Problem>;
};

/**
 * Defines a route: its schemas validate requests, type its handler and document it. Unknown fields are
 * rejected.
 */
export function defineRoute<
  Path extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<Path, Query, Body>): Route {
  const { path, query } = definition.schema;
  // Once per route: per request this would cost 46 µs.
  const schema = {
    ...definition.schema,
    ...(path === undefined ? {} : { path: path.strict() }),
    ...(query === undefined ? {} : { query: query.strict() }),
  };
  return { ...definition, schema } as unknown as Route;
}
