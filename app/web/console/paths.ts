import type { RunbookHeading } from './runbook/runbook-headings.ts';

/** Addresses of the console's views. */
const BASE = '/console';

export const paths = {
  base: BASE,
  overview: `${BASE}/`,
  orders: `${BASE}/orders`,
  order: (id: string) => `${BASE}/orders/${id}`,
  customers: `${BASE}/customers`,
  customer: (id: string) => `${BASE}/customers/${id}`,
  products: `${BASE}/products`,
  newProduct: `${BASE}/products/new`,
  product: (id: string) => `${BASE}/products/${id}`,
  coupons: `${BASE}/coupons`,
  newCoupon: `${BASE}/coupons/new`,
  coupon: (id: string) => `${BASE}/coupons/${id}`,
  saleRoom: `${BASE}/sale-room`,
  sale: (productId: string) => `${BASE}/sale-room/${productId}`,
  demoSale: `${BASE}/demo-sale`,
  events: `${BASE}/events`,
  audit: `${BASE}/audit`,
  operators: `${BASE}/operators`,
  join: `${BASE}/join`,
  runbook: (heading: RunbookHeading | ':heading') => `${BASE}/runbook/${heading}`,
} as const;
