/** The accounts of the demo shop. Their passwords are public, so no other stage is ever seeded. */
export const demoAccounts = {
  customer: { email: 'customer@rowlock.example', password: 'demo-customer-2026', role: 'customer' },
  admin: { email: 'admin@rowlock.example', password: 'demo-admin-2026', role: 'admin' },
} as const;

/** Opening balance of the demo customer, charged once. */
export const DEMO_BALANCE_KRW = 1_000_000;
