import { z } from 'zod';
import { idSchema } from '../http/contract/schemas.ts';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import { guestCart } from './cart.ts';
import type { CartAdjustment, CartMerges } from './cart-merges.ts';

export const cartMergeSchema = z
  .object({
    adjustments: z.array(
      z.object({
        productId: idSchema,
        wanted: z.int().meta({ description: 'Units in both carts.' }),
        quantity: z
          .int()
          .meta({ description: 'Units in the cart now: at most 99, and 0 where it had no line left.' }),
      }),
    ),
  })
  .nullable()
  .meta({
    description: 'What the limits kept out of the cart; null when there was no guest cart to take over.',
  });

export interface CartMerge {
  readonly adjustments: readonly CartAdjustment[];
}

/** Adds the guest's cart with this token to the user's. */
export type MergeGuestCart = (userId: string, cartToken: string | undefined) => Promise<CartMerge | null>;

/**
 * Never throws OperationalError: nobody is kept from logging in by his cart. What was begun of it is finished when the user's
 * cart is looked at, and what was not waits for the next log-in that brings the token.
 */
export function mergeGuestCart({ merges, log }: { merges: CartMerges; log: Log }): MergeGuestCart {
  return async (userId, cartToken) => {
    if (cartToken === undefined) return null;
    const adjustments = await orLog(() => merges.merge(userId, guestCart(cartToken)), {
      log,
      event: 'cart_merge_postponed',
      fields: { userId },
    });
    return adjustments === undefined ? null : { adjustments };
  };
}
