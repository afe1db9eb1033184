import { z } from 'zod';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { timeSchema } from '../http/contract/schemas.ts';
import { type AuditCheck, auditCheckNames, auditChecks } from './audit-checks.ts';
import type { SharedAudits } from './shared-audits.ts';

const modeSchema = z.enum(['full', 'incremental']);

const brokenRowSchema = z
  .object({
    id: z.string(),
    seq: z.int().optional().meta({ description: 'Sequence number of the broken link in a chain.' }),
    detail: z.string(),
  })
  .meta({ title: 'BrokenRow' });

const reportSchema = z
  .object({
    mode: modeSchema,
    snapshotAt: timeSchema,
    durationMs: z.number(),
    isClean: z.boolean(),
    breaks: z.array(
      z.object({
        check: z.enum(auditCheckNames as [AuditCheck, ...AuditCheck[]]),
        holds: z.string().meta({ description: 'The rule that is broken.' }),
        idOf: z.string().meta({ description: 'The kind of id that the rows have.' }),
        total: z.int(),
        rows: z.array(brokenRowSchema).meta({ description: 'The first 20 broken rows.' }),
      }),
    ),
    checked: z.object({
      products: z.int(),
      stockChanges: z.int(),
      wallets: z.int(),
      ledgerEntries: z.int(),
      orders: z.int(),
      coupons: z.int(),
      events: z.int(),
      statistics: z.int(),
    }),
    eventsInFlight: z
      .object({ count: z.int(), oldestAgeMs: z.number().nullable() })
      .meta({ description: 'Events that have left the outbox and are not counted yet.' }),
  })
  .meta({ title: 'AuditReport' });

export function auditRoutes({ audits }: { audits: SharedAudits }): Route[] {
  const auditRoute = defineRoute({
    id: 'readAudit',
    method: 'get',
    path: '/admin/audit',
    tag: 'Audit',
    summary:
      'Audit stock, balances, orders, events and statistics in one consistent snapshot. Concurrent ' +
      'requests share one audit. If it takes longer than a request may, repeat the request after ' +
      'Retry-After.',
    access: 'viewer',
    schema: {
      query: z.object({
        mode: modeSchema.optional().meta({
          description:
            '`full`, the default, checks every row; `incremental` checks rows since the checkpoint.',
        }),
      }),
    },
    replies: { 200: reportSchema },
    handle: async ({ query }) => {
      const report = await audits.report(query.mode ?? 'full');
      const breaks = report.breaks.map((found) => {
        const { holds, id: idOf } = auditChecks[found.check];
        return { ...found, holds, idOf };
      });
      return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: { ...report, breaks } };
    },
  });

  return [auditRoute];
}
