/** Addresses of the shop's views. */
const BASE = '/shop';

export const paths = {
  base: BASE,
  list: `${BASE}/`,
  product: (id: string) => `${BASE}/products/${id}`,
  buy: (id: string, quantity: number) => `${BASE}/buy/${id}?quantity=${quantity}`,
  cart: `${BASE}/cart`,
  coupons: `${BASE}/coupons`,
  orders: `${BASE}/orders`,
  order: (id: string) => `${BASE}/orders/${id}`,
  balance: `${BASE}/balance`,
  account: `${BASE}/account`,
  logIn: (next?: string) => `${BASE}/log-in${nextOf(next)}`,
  signUp: (next?: string) => `${BASE}/sign-up${nextOf(next)}`,
} as const;

function nextOf(next: string | undefined): string {
  return next === undefined || next === paths.list ? '' : `?next=${encodeURIComponent(next)}`;
}

/** Where to go after a log-in: only to views of this shop, whatever the address says. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/shop\/[\w/?=&%-]*$/.test(next) ? next : paths.list;
}
