import type { PlantedBug } from './planted-bug.ts';

/** Bugs in stops, edits, the cancellation window and admin creates. */
export const adminBugs: readonly PlantedBug[] = [
  {
    name: 'stopped-coupon-used',
    why: 'A stopped coupon can still be used by its holders.',
    edits: [
      {
        file: 'app/orders/decide-coupon.ts',
        find: "  if (coupon.isStopped) return notUsable('stopped');\n",
        replace: '',
      },
    ],
  },
  {
    name: 'stopped-coupon-claimed',
    why: 'A stopped coupon can still be claimed.',
    edits: [
      {
        file: 'app/coupons/issue-coupon.ts',
        find: "  if (coupon.stoppedAt !== undefined) return { code: 'coupon_not_usable', reason: 'stopped' };\n",
        replace: '',
      },
      {
        file: 'app/coupons/decide-issues.ts',
        find: "    if (coupon.stoppedAt !== undefined) return { code: 'coupon_not_usable', reason: 'stopped' };\n",
        replace: '',
      },
    ],
  },
  {
    name: 'terms-edited-after-issue',
    why: 'An edit changes the discount of coupons that were already issued.',
    edits: [
      {
        file: 'app/coupons/decide-coupon-edit.ts',
        find: '  if (before.issuedCount > 0) {',
        replace: '  if (before.issuedCount < 0) {',
      },
    ],
  },
  {
    name: 'coupon-edit-undoes-another',
    why: 'An edit of an outdated coupon version succeeds and silently undoes another edit.',
    edits: [
      {
        file: 'app/coupons/decide-coupon-edit.ts',
        find: "  if (!hasSeen(before.version)) return { code: 'precondition_failed' };\n",
        replace: '  void hasSeen;\n',
      },
    ],
  },
  {
    name: 'cancelled-after-window',
    why: 'Customers can cancel an order of any age.',
    edits: [
      {
        file: 'app/orders/decide-cancellation.ts',
        find: "if (by === 'customer' && at >= until)",
        replace: "if (by === 'customer' && at.getTime() < 0)",
      },
    ],
  },
  {
    name: 'created-once-more',
    why: "An admin's repeated request creates a second coupon or product under the same key.",
    edits: [
      {
        file: 'app/idempotency/reply-once.ts',
        find: "if (stored.reply !== '') {",
        replace: "if (stored.reply === 'never') {",
      },
    ],
  },
];
