import type { z } from 'zod';
import type { ReplyHeader } from './document-headers.ts';
import type { Problem } from './problem.ts';
import type { ProblemCode } from './problem-table.ts';

export interface Caller {
  readonly userId: string;
  readonly role: 'customer' | 'admin';
  /** Hash of the session token: names the session without being it. */
  readonly sessionId: string;
}

/** Whoever sends a request, before it is known whether it comes from a user. */
export interface Visitor {
  /** See client-address.ts. Visitors without one are one party. */
  readonly address: string;
  /** A session token, perhaps of a session that has ended. */
  readonly token: string | undefined;
  /** Of a guest's cart, perhaps of one that is gone. */
  readonly cartToken: string | undefined;
  /** Whose session it is; looked up on routes with `access: 'shopper'` only. */
  readonly caller?: Caller;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler gets: everything in it has passed its schema. */
export interface RouteRequest<Path, Query, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  /** Present on routes with `access: 'user'` or `'admin'`. */
  readonly caller: Caller;
  /** Present on routes with `readsVisitor` or `access: 'shopper'`. */
  readonly visitor: Visitor;
  /** Present on routes with `idempotencyKey: 'required'`, and where it is 'optional' if the client sent one. */
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
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Express path, such as `/orders/:orderId`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** `shopper`: a session, or a guest with his cart or without. `user`: any session. `admin`: a session of an admin. */
  readonly access: 'anyone' | 'shopper' | 'user' | 'admin';
  /**
   * The handler gets the visitor. The page of another origin cannot send such a request: it could log somebody in
   * to an account of its own.
   */
  readonly readsVisitor?: true;
  /** Whether the route honours the header. Without it, routes that change something refuse requests with a key. */
  readonly idempotencyKey?: 'required' | 'optional';
  /** By what the route is limited instead of by user or, without a session, by address. */
  readonly rateLimit?: 'none' | 'auth' | 'status';
  /** The caller says with `If-Match` which version it has seen. */
  readonly ifMatch?: 'required';
  /** True while the route turns requests away: they get 503 before their session is looked up or their body is read. */
  readonly isBusy?: () => boolean;
  readonly schema: { readonly path?: Path; readonly query?: Query; readonly body?: Body };
  /** Schemas of the success bodies by status. */
  readonly replies: Readonly<Record<number, z.ZodType | null>>;
  /** Headers of the success answers, where they are of use to the client; see document-headers.ts. */
  readonly replyHeaders?: readonly ReplyHeader[];
  /** Problems besides those that every such route can have. */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (
    request: RouteRequest<Output<Path, undefined>, Output<Query, undefined>, Output<Body, undefined>>,
  ) => Promise<Reply | Problem>;
}

/** A route whose handler takes whatever its own schemas have let through. */
export type Route = Omit<RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType>, 'handle' | 'schema'> & {
  readonly schema: { readonly path?: z.ZodObject; readonly query?: z.ZodObject; readonly body?: z.ZodType };
  readonly handle: (request: RouteRequest<never, never, never>) => Promise<Reply | Problem>;
};

/** Ties the types of a handler to the schemas that validate its request and document it; unknown fields are refused. */
export function defineRoute<
  Path extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<Path, Query, Body>): Route {
  const { path, query } = definition.schema;
  // Here and not at each request, where making them costs 46 µs.
  const schema = {
    ...definition.schema,
    ...(path === undefined ? {} : { path: path.strict() }),
    ...(query === undefined ? {} : { query: query.strict() }),
  };
  return { ...definition, schema } as unknown as Route;
}
