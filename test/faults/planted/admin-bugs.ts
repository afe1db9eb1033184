import type { PlantedBug } from './planted-bug.ts';

/** Bugs in stops, edits, the cancellation window and admin creates. */
export const adminBugs: readonly PlantedBug[] = [
  {
    name: 'stopped-coupon-used',
    why: 'Holders of a coupon that was stopped can still pay with it.',
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
    why: 'A coupon that was stopped can still be claimed.',
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
    why: 'A coupon takes off something else than its holders were given.',
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
    why: 'An edit of a coupon that has changed since goes through, and undoes another one unseen.',
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
    why: 'Customers can cancel an order however old it is.',
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
    why: 'A repeated request of an admin creates a second coupon or product under the key of the first.',
    edits: [
      {
        file: 'app/idempotency/reply-once.ts',
        find: "if (stored.reply !== '') {",
        replace: "if (stored.reply === 'never') {",
      },
    ],
  },
];
