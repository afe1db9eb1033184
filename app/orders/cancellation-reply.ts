import { z } from 'zod';
import { type Problem, problem } from '../http/contract/problem.ts';
import { REPLAYED_HEADER } from '../http/contract/request-hash.ts';
import type { Reply } from '../http/contract/route.ts';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import type { CancelOrderResult } from './cancel-order.ts';

export const cancellationSchema = z
  .object({
    id: idSchema,
    status: z.literal('CANCELLED'),
    refund: krwSchema,
    balanceAfter: krwSchema,
    balanceSeq: z.int(),
    cancelledAt: timeSchema,
  })
  .meta({ title: 'Cancellation' });

export function cancellationReply(result: CancelOrderResult): Reply | Problem {
  if (result.code !== 'cancelled') {
    const { code, ...extra } = result;
    return problem(code, { extra });
  }
  const { orderId, refundKrw, balanceAfterKrw, balanceSeq, cancelledAt } = result.cancellation;
  return {
    status: 200,
    headers: result.replayed ? REPLAYED_HEADER : {},
    body: {
      id: orderId,
      status: 'CANCELLED',
      refund: refundKrw,
      balanceAfter: balanceAfterKrw,
      balanceSeq,
      cancelledAt,
    },
  };
}
