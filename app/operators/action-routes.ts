import { z } from 'zod';
import { findEmails } from '../accounts/user-sql.ts';
import { listPage } from '../http/contract/list-page.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import {
  idSchema,
  pageQueryShape,
  pageSchema,
  requestedIdSchema,
  timeSchema,
} from '../http/contract/schemas.ts';
import type { Database } from '../platform/mysql/database.ts';
import { listActions, type RecordedAction } from './action-sql.ts';
import { actionTargetKinds, adminActionNames } from './admin-action.ts';

/** Open, because each kind of change has fields of its own. */
const valuesSchema = z.record(z.string(), z.unknown()).nullable();

const actionSchema = z
  .object({
    seq: z.int(),
    at: timeSchema,
    admin: z
      .object({ id: idSchema, email: z.string() })
      .nullable()
      .meta({ description: 'Null for the command line.' }),
    action: z.enum(adminActionNames),
    target: z.object({ kind: z.enum(actionTargetKinds), id: idSchema.nullable() }),
    before: valuesSchema.meta({ description: 'The values that the action changed, before it.' }),
    after: valuesSchema.meta({ description: 'The same values after it.' }),
    reason: z.string().nullable(),
    requestId: z.string().meta({ description: '`X-Request-Id` of the request, as in the log.' }),
  })
  .meta({ title: 'AdminAction' });

export function actionRoutes({ database }: { readonly database: Database }): Route[] {
  const listRoute = defineRoute({
    id: 'listAdminActions',
    method: 'get',
    path: '/admin/actions',
    tag: 'Operators',
    summary:
      'List what admins have changed, newest first: who, what, before, after and why. Each entry was ' +
      'written in the transaction of its change.',
    access: 'viewer',
    schema: {
      query: z.object({
        ...pageQueryShape(z.int()),
        adminId: requestedIdSchema.optional(),
        action: z.enum(adminActionNames).optional(),
        targetId: requestedIdSchema.optional(),
      }),
    },
    replies: { 200: pageSchema(actionSchema) },
    handle: async ({ query: { cursor: beforeSeq = Number.MAX_SAFE_INTEGER, limit, ...filters } }) => {
      const { page, nextCursor } = await listPage({
        limit,
        read: (rowsMax) => listActions(database, filters, { beforeSeq, limit: rowsMax }),
        keyOf: ({ seq }) => seq,
      });
      const emails = await findEmails(
        database.read,
        page.flatMap(({ actor }) => actor.adminId ?? []),
      );
      return { status: 200, body: { data: page.map((action) => actionReply(action, emails)), nextCursor } };
    },
  });

  return [listRoute];
}

function actionReply(recorded: RecordedAction, emails: ReadonlyMap<string, string>) {
  const { seq, at, action, target, before, after, reason } = recorded;
  const { adminId, requestId } = recorded.actor;
  return {
    seq,
    at,
    admin: adminId === undefined ? null : { id: adminId, email: emails.get(adminId) ?? '' },
    action,
    target: { kind: target.kind, id: target.id ?? null },
    before: before ?? null,
    after: after ?? null,
    reason: reason ?? null,
    requestId,
  };
}
