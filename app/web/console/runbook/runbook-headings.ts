/** Headings of docs/runbook.md that the console leads to. */
export const runbookHeadings = [
  'orders-stopped',
  'slow-requests',
  'shed-requests',
  'outbox-waits',
  'dead-letters',
  'drift',
  'before-a-sale',
  'stop-a-coupon',
  'images-wait',
] as const;

export type RunbookHeading = (typeof runbookHeadings)[number];
