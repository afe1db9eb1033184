import type { Answer } from '../../client/rowlock-client.ts';

export type AdminAction = Answer<'listAdminActions'>['data'][number];
export type ActionName = AdminAction['action'];
