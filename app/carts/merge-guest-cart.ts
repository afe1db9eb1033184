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
        wanted: z.int().meta({ description: 'Units in both carts together.' }),
        quantity: z
          .int()
          .meta({ description: 'Units in the cart now: at most 99, or 0 if the cart had no line left.' }),
      }),
    ),
  })
  .nullable()
  .meta({
    description:
      'Lines that the limits of a cart reduced. Null if there was no guest cart to merge, or it could ' +
      'not be merged yet.',
  });

export interface MergeGuestCartDependencies {
  readonly merges: CartMerges;
  readonly log: Log;
}

export interface MergeGuestCartRequest {
  readonly userId: string;
  readonly cartToken: string | undefined;
}

export type MergeGuestCartResult =
  | { readonly code: 'merged'; readonly adjustments: readonly CartAdjustment[] }
  | { readonly code: 'no_guest_cart' | 'postponed' };

/**
 * Adds the guest's cart with this token to the user's. Never throws OperationalError: a cart must not prevent
 * a log-in. A merge that has started is finished when the user's cart is next read. One that has not started
 * waits for the next log-in with the token.
 */
export async function mergeGuestCart(
  { merges, log }: MergeGuestCartDependencies,
  { userId, cartToken }: MergeGuestCartRequest,
): Promise<MergeGuestCartResult> {
  if (cartToken === undefined) return { code: 'no_guest_cart' };
  const merge = async (): Promise<MergeGuestCartResult> => {
    const adjustments = await merges.merge(userId, guestCart(cartToken));
    return adjustments === undefined ? { code: 'no_guest_cart' } : { code: 'merged', adjustments };
  };
  return orLog(merge, {
    log,
    event: 'cart_merge_postponed',
    fields: { userId },
    otherwise: { code: 'postponed' },
  });
}
