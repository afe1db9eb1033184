/** Groups of operations, in the order in which the document shows them. */
export const tags = {
  Accounts: 'Sign-up, log-in and sessions.',
  Catalogue: 'Products on sale: search, filters, pages and the popular ones.',
  Carts: 'The cart of a customer or of a guest.',
  Orders: 'Placing, reading and cancelling orders.',
  Wallet: 'The balance that pays for orders, and its ledger.',
  Coupons: 'Coupons of limited quantity: claiming and listing.',
  Administration: 'Products, stock, images, coupons and cancellations, for admins.',
  Operators: 'Who may administer the shop, and what they have changed.',
  Audit: 'Whether every unit and every won adds up.',
  Health: 'For load balancers and operators.',
  Documentation: 'This document.',
} as const;

export type Tag = keyof typeof tags;
