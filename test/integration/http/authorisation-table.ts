/**
 * Permissions of every caller on every route, written by hand: one row per route, one column per caller. A
 * long path has its cells on the next line. Each cell is the status of the response to a request that is
 * valid in every other respect. The test fails for a route without a row and for a row without a route.
 *
 * 401 is `unauthenticated`. 403 is `origin_not_allowed` in the last two columns and `forbidden` elsewhere.
 * 404 is the same response as for an unknown id. `403*` is `forbidden` although it reveals to the caller that
 * the resource exists.
 */
const table = `
                               anon  other owner admin peer  view  oper  idle  old   out   epoch site  bare
GET    /                       302   302   302   302   302   302   302   302   302   302   302   302   302
GET    /docs                   200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /openapi.json           200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /healthz                200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /readyz                 200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /status                 200   200   200   200   200   200   200   200   200   200   200   200   200

POST   /auth/signup            201   201   201   201   201   201   201   201   201   201   201   403   201
POST   /auth/login             200   200   200   200   200   200   200   200   200   200   200   403   200
POST   /auth/invitations/accept
                               200   200   200   200   200   200   200   200   200   200   200   403   200
POST   /auth/logout            401   204   204   204   204   204   204   401   401   401   401   403   403
POST   /auth/logout-everywhere 401   204   204   204   204   204   204   401   401   401   401   403   403
GET    /me                     401   200   200   200   200   200   200   401   401   401   401   200   200

GET    /me/balance             401   200   200   200   200   200   200   401   401   401   401   200   200
POST   /me/balance/charges     401   200   200   200   200   200   200   401   401   401   401   403   403
GET    /me/balance/entries     401   200   200   200   200   200   200   401   401   401   401   200   200

GET    /products               200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /products/popular       200   200   200   200   200   200   200   200   200   200   200   200   200
GET    /products/:productId    200   200   200   200   200   200   200   200   200   200   200   200   200

GET    /cart                   200   200   200   200   200   200   200   401   401   401   401   200   200
DELETE /cart                   204   204   204   204   204   204   204   401   401   401   401   403   403
POST   /cart/items             200   200   200   200   200   200   200   401   401   401   401   403   403
PUT    /cart/items/:productId  200   200   200   200   200   200   200   401   401   401   401   403   403
DELETE /cart/items/:productId  200   200   200   200   200   200   200   401   401   401   401   403   403

GET    /coupons                200   200   200   200   200   200   200   200   200   200   200   200   200
POST   /coupons/:couponId/issue
                               401   201   201   201   201   201   201   401   401   401   401   403   403
GET    /me/coupons             401   200   200   200   200   200   200   401   401   401   401   200   200

POST   /orders                 401   200   200   200   200   200   200   401   401   401   401   403   403
GET    /orders                 401   200   200   200   200   200   200   401   401   401   401   200   200
GET    /orders/:orderId        401   404   200   404   404   404   404   401   401   401   401   200   200
POST   /orders/:orderId/cancel 401   404   200   404   404   404   404   401   401   401   401   403   403

GET    /admin/products         401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/products         401   403   403   201   201   403   201   401   401   401   401   403   403
GET    /admin/products/:productId
                               401   403   403   200   200   200   200   401   401   401   401   200   200
PUT    /admin/products/:productId
                               401   403   403   200   200   403   200   401   401   401   401   403   403
POST   /admin/products/:productId/stock-adjustments
                               401   403   403   200   200   403   200   401   401   401   401   403   403
GET    /admin/products/:productId/stock-entries
                               401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/products/:productId/images
                               401   403   403   201   201   403   201   401   401   401   401   403   403
GET    /admin/images/:imageId  401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/images/:imageId/complete
                               401   403   403   200   403*  403   403*  401   401   401   401   403   403
DELETE /admin/images/:imageId  401   403   403   204   204   403   204   401   401   401   401   403   403
GET    /admin/coupons          401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/coupons          401   403   403   201   201   403   201   401   401   401   401   403   403
GET    /admin/coupons/:couponId
                               401   403   403   200   200   200   200   401   401   401   401   200   200
PUT    /admin/coupons/:couponId
                               401   403   403   200   200   403   200   401   401   401   401   403   403
POST   /admin/coupons/:couponId/stop
                               401   403   403   200   200   403   200   401   401   401   401   403   403
GET    /admin/events           401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/events/dead-letters
                               401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/events/dead-letters/:letterId/redrive
                               401   403   403   200   200   403   200   401   401   401   401   403   403
POST   /admin/events/redrive   401   403   403   200   200   403   200   401   401   401   401   403   403
GET    /admin/operators        401   403   403   200   200   403   403   401   401   401   401   200   200
POST   /admin/operators        401   403   403   201   201   403   403   401   401   401   401   403   403
PUT    /admin/operators/:operatorId
                               401   403   403   200   200   403   403   401   401   401   401   403   403
GET    /admin/overview         401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/customers        401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/customers/:customerId
                               401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/customers/:customerId/entries
                               401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/customers/:customerId/coupons
                               401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/customers/:customerId/balance-adjustments
                               401   403   403   200   200   403   403   401   401   401   401   403   403
GET    /admin/orders           401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/orders/:orderId  401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/orders/:orderId/cancel
                               401   403   403   200   200   403   200   401   401   401   401   403   403
GET    /admin/actions          401   403   403   200   200   200   200   401   401   401   401   200   200
GET    /admin/demo-sale        401   403   403   200   200   200   200   401   401   401   401   200   200
POST   /admin/demo-sale        401   403   403   409   409   403   409   401   401   401   401   403   403
DELETE /admin/demo-sale        401   403   403   409   409   403   409   401   401   401   401   403   403
GET    /admin/audit            401   403   403   200   200   200   200   401   401   401   401   200   200
`;

/** Callers by column. "owner or admin" is the one that the route is for. */
export const callers = {
  anon: 'no session',
  other: 'a customer who owns none of it',
  owner: 'the customer who owns the order',
  admin: 'the admin who announced the image; like the next one an owner',
  peer: 'another admin',
  view: 'an admin who is a viewer',
  oper: 'an admin who is an operator',
  idle: 'owner or admin, with a session that expired by idleness',
  old: 'owner or admin, with a session beyond its maximum age',
  out: 'owner or admin, with a session that was logged out',
  epoch: 'owner or admin, with a session that was logged out everywhere but is still in Redis',
  site: "owner or admin, with a session in a cookie, from another site's page",
  bare: 'owner or admin, with a session in a cookie and without an Origin',
} as const;

export type CallerName = keyof typeof callers;

export interface Expectation {
  readonly status: number;
  /** True if the rejection reveals to this caller that the resource exists. */
  readonly tellsOfIt: boolean;
}

export const callerNames = Object.keys(callers) as CallerName[];

/** Expectations by route, as `routeName` writes it, and by caller. */
export const authorisationTable: ReadonlyMap<string, Readonly<Record<CallerName, Expectation>>> = parse();

function parse(): ReadonlyMap<string, Readonly<Record<CallerName, Expectation>>> {
  const lines = table.replaceAll(/(\/\S+)\n +/g, '$1 ').split('\n');
  const [head = '', ...rows] = lines.filter((line) => line.trim() !== '');
  const columns = head.trim().split(/\s+/);
  if (columns.join() !== callerNames.join()) throw new Error(`the columns are ${columns.join()}`);
  return new Map(
    rows.map((line) => {
      const [method, path, ...cells] = line.trim().split(/\s+/);
      if (cells.length !== columns.length) throw new Error(`${cells.length} cells: ${line}`);
      const expectations = columns.map((column, index) => {
        const [, status, star] = /^(\d{3})(\*?)$/.exec(cells[index] ?? '') ?? [];
        if (status === undefined) throw new Error(`no status: ${line}`);
        return [column, { status: Number(status), tellsOfIt: star === '*' }] as const;
      });
      return [`${method} ${path}`, Object.fromEntries(expectations) as Record<CallerName, Expectation>];
    }),
  );
}
