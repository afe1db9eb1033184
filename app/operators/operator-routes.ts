import { z } from 'zod';
import { accountReply, accountSchema } from '../accounts/account-reply.ts';
import { emailSchema, newPasswordSchema } from '../accounts/credentials.ts';
import { listOperators, type Operator } from '../accounts/operator-sql.ts';
import { adminRoles } from '../http/contract/admin-role.ts';
import { listPage } from '../http/contract/list-page.ts';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { idSchema, pageQueryShape, requestedIdSchema, timeSchema } from '../http/contract/schemas.ts';
import { acceptInvitation, type AcceptInvitationDependencies } from './accept-invitation.ts';
import { actorOf } from './admin-action.ts';
import { changeOperator, operatorFields } from './change-operator.ts';
import { listInvitations } from './invitation-sql.ts';
import { inviteOperator } from './invite-operator.ts';

const INVITATIONS_SHOWN_MAX = 100;

const roleSchema = z.enum(adminRoles);
const statusSchema = z.enum(['ACTIVE', 'DISABLED']);

const operatorSchema = z
  .object({ id: idSchema, email: z.string(), role: roleSchema, status: statusSchema, createdAt: timeSchema })
  .meta({ title: 'Operator' });

const invitationSchema = z
  .object({ email: z.string(), role: roleSchema, createdAt: timeSchema, expiresAt: timeSchema })
  .meta({ title: 'Invitation' });

const newInvitationSchema = invitationSchema
  .extend({ token: z.string().meta({ description: 'Accepts the invitation. It cannot be read again.' }) })
  .meta({ title: 'NewInvitation' });

export function operatorRoutes(dependencies: AcceptInvitationDependencies): Route[] {
  const { database, nowMs } = dependencies;
  const common = { tag: 'Operators', access: 'owner' } as const;

  const listRoute = defineRoute({
    ...common,
    id: 'listOperators',
    method: 'get',
    path: '/admin/operators',
    summary:
      'List admins, oldest account first, and the invitations that have neither been accepted nor expired.',
    schema: { query: z.object(pageQueryShape(idSchema)) },
    replies: {
      200: z
        .object({
          data: z.array(operatorSchema),
          nextCursor: z.string().nullable(),
          invitations: z.array(invitationSchema).meta({ description: 'The latest 100, by address.' }),
        })
        .meta({ title: 'OperatorPage' }),
    },
    handle: async ({ query }) => {
      const { page, nextCursor } = await listPage({
        limit: query.limit,
        read: (limit) => listOperators(database.read, { afterId: query.cursor, limit }),
        keyOf: ({ id }) => id,
      });
      const now = new Date(nowMs());
      const invitations = await listInvitations(database, { now, limit: INVITATIONS_SHOWN_MAX });
      return { status: 200, body: { data: page.map(operatorReply), nextCursor, invitations } };
    },
  });

  const inviteRoute = defineRoute({
    ...common,
    id: 'inviteOperator',
    method: 'post',
    path: '/admin/operators',
    summary:
      'Invite a person to become an admin. Returns the token that accepts the invitation, once: give it to ' +
      'that person only. Inviting the address again replaces the invitation.',
    schema: {
      body: z.strictObject({ email: emailSchema, role: roleSchema }).meta({ title: 'OperatorInvite' }),
    },
    replies: { 201: newInvitationSchema },
    problems: ['operator_exists'],
    handle: async ({ caller, requestId, body }) => {
      const actor = actorOf(caller, requestId);
      const result = await inviteOperator(dependencies, { ...body, actor });
      if (result.code !== 'invited') return problem(result.code);
      return { status: 201, body: { ...result.invitation, token: result.token } };
    },
  });

  const changeRoute = defineRoute({
    ...common,
    id: 'replaceOperator',
    method: 'put',
    path: '/admin/operators/:operatorId',
    summary:
      "Set an admin's role and status. `DISABLED` ends their sessions and keeps them from logging in. The " +
      'last enabled owner stays one. Safe to repeat.',
    schema: {
      path: z.object({ operatorId: requestedIdSchema }),
      body: z.strictObject({ role: roleSchema, status: statusSchema }).meta({ title: 'EditedOperator' }),
    },
    replies: { 200: operatorSchema },
    problems: ['operator_not_found', 'last_owner'],
    handle: async ({ caller, requestId, path: { operatorId }, body: { role, status } }) => {
      const actor = actorOf(caller, requestId);
      const change = { operatorId, role, isDisabled: status === 'DISABLED', actor };
      const result = await changeOperator(dependencies, change);
      if (result.code !== 'changed') return problem(result.code);
      return { status: 200, body: operatorReply(result.after) };
    },
  });

  const acceptRoute = defineRoute({
    id: 'acceptInvitation',
    method: 'post',
    path: '/auth/invitations/accept',
    tag: 'Operators',
    summary:
      'Accept an invitation, once: makes the account of the invited address an admin with this password. ' +
      'Log in afterwards.',
    access: 'anyone',
    readsVisitor: true,
    rateLimit: 'auth',
    schema: {
      body: z
        .strictObject({
          token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, { error: 'must be the token of an invitation' }),
          password: newPasswordSchema,
        })
        .meta({ title: 'InvitationAcceptance' }),
    },
    replies: { 200: accountSchema },
    problems: ['invitation_not_found'],
    handle: async ({ body, visitor, requestId }) => {
      const result = await acceptInvitation(dependencies, { ...body, address: visitor.address, requestId });
      if (result.code !== 'accepted') return problem(result.code);
      return { status: 200, body: accountReply(result.account) };
    },
  });

  return [listRoute, inviteRoute, changeRoute, acceptRoute];
}

function operatorReply(operator: Operator) {
  const { id, email, createdAt } = operator;
  return { id, email, ...operatorFields(operator), createdAt };
}
