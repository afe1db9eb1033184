import { z } from 'zod';
import { listPage } from '../http/contract/list-page.ts';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import {
  idSchema,
  pageQueryShape,
  pageSchema,
  requestedIdSchema,
  timeSchema,
} from '../http/contract/schemas.ts';
import type { Database } from '../platform/mysql/database.ts';
import { readStockLedger, type StockChange } from './stock-ledger.ts';

const stockEntrySchema = z
  .object({
    seq: z.int().meta({ description: 'Version of the stock after this change: 1 for the opening, no gap.' }),
    kind: z.enum(['OPENING', 'SALE', 'ADJUSTMENT', 'RESTOCK']),
    delta: z.int().meta({ description: 'Signed units.' }),
    stockAfter: z.int(),
    orderId: idSchema.nullable().meta({ description: 'Of a sale or a restock.' }),
    by: z
      .object({ role: z.enum(['customer', 'admin']), id: idSchema, email: z.string() })
      .nullable()
      .meta({ description: 'Null if nothing records who it was.' }),
    reason: z.string().nullable().meta({ description: 'What an admin gave as the reason.' }),
    createdAt: timeSchema.nullable(),
  })
  .meta({ title: 'StockEntry' });

/** The history of a stock. Here, because most of it are orders. */
export function stockLedgerRoutes({ database }: { readonly database: Database }): Route[] {
  const listRoute = defineRoute({
    id: 'listStockEntries',
    method: 'get',
    path: '/admin/products/:productId/stock-entries',
    tag: 'Administration',
    summary:
      "List every change of a product's stock, newest first: its opening, sales, adjustments and restocks " +
      'as one chain.',
    access: 'viewer',
    schema: { path: z.object({ productId: requestedIdSchema }), query: z.object(pageQueryShape(z.int())) },
    replies: { 200: pageSchema(stockEntrySchema) },
    problems: ['product_not_found'],
    handle: async ({ path: { productId }, query: { cursor, limit } }) => {
      let isKnown = true;
      const { page, nextCursor } = await listPage({
        limit,
        read: async (rowsMax) => {
          const changes = await readStockLedger(database, productId, { beforeSeq: cursor, limit: rowsMax });
          isKnown = changes !== undefined;
          return changes ?? [];
        },
        keyOf: ({ seq }) => seq,
      });
      return isKnown
        ? { status: 200, body: { data: page.map(stockEntryReply), nextCursor } }
        : problem('product_not_found');
    },
  });
  return [listRoute];
}

function stockEntryReply({ seq, kind, delta, quantityAfter, orderId, by, reason, createdAt }: StockChange) {
  return {
    seq,
    kind,
    delta,
    stockAfter: quantityAfter,
    orderId: orderId ?? null,
    by: by ?? null,
    reason: reason ?? null,
    createdAt: createdAt ?? null,
  };
}
