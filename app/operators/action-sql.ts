import type { Database, Read, SqlValue, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { ActionTarget, Actor, AdminAction, AdminActionName } from './admin-action.ts';

export interface RecordedAction extends AdminAction {
  /** Rises with time; ids of actions that ran at once need not be in the order of their commits. */
  readonly seq: number;
  readonly actor: Actor;
  readonly at: Date;
}

export interface ActionFilters {
  readonly adminId?: string | undefined;
  readonly action?: AdminActionName | undefined;
  readonly targetId?: string | undefined;
}

interface ActionRow {
  seq: number;
  admin_id: Buffer | null;
  action: AdminActionName;
  target_kind: ActionTarget['kind'];
  target_id: Buffer | null;
  before_json: string | null;
  after_json: string | null;
  reason: string | null;
  request_id: string;
  at: Date;
}

const COLUMNS =
  'seq, admin_id, action, target_kind, target_id, before_json, after_json, reason, request_id, at';

/** Records an action in the transaction that carries it out. Call it only if something changed. */
export async function recordAction(
  tx: Transaction,
  { adminId, requestId }: Actor,
  { action, target, before, after, reason }: AdminAction,
): Promise<void> {
  await tx.write(
    `INSERT INTO admin_actions
       (admin_id, action, target_kind, target_id, before_json, after_json, reason, request_id, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, NOW(3))`,
    [
      idOrNull(adminId),
      action,
      target.kind,
      idOrNull(target.id),
      before === undefined ? null : JSON.stringify(before),
      after === undefined ? null : JSON.stringify(after),
      reason ?? null,
      requestId,
    ],
  );
}

/**
 * Actions before `beforeSeq`, newest first. Every combination of filters has an index that ends in seq, so a
 * page reads only the rows that it shows.
 */
export async function listActions(
  database: Database,
  filters: ActionFilters,
  { beforeSeq, limit }: { readonly beforeSeq: number; readonly limit: number },
): Promise<RecordedAction[]> {
  const { adminId, action, targetId } = filters;
  const conditions: [sql: string, value: SqlValue][] = [
    ['seq < ?', beforeSeq],
    ...(adminId === undefined ? [] : [['admin_id = ?', uuidBytes(adminId)] as [string, SqlValue]]),
    ...(action === undefined ? [] : [['action = ?', action] as [string, SqlValue]]),
    ...(targetId === undefined ? [] : [['target_id = ?', uuidBytes(targetId)] as [string, SqlValue]]),
  ];
  const rows = await database.read<ActionRow>(
    `SELECT ${COLUMNS} FROM admin_actions FORCE INDEX (${indexFor(filters)})
     WHERE ${conditions.map(([sql]) => sql).join(' AND ')} ORDER BY seq DESC LIMIT ?`,
    [...conditions.map(([, value]) => value), limit],
  );
  return rows.map(actionOf);
}

/** Maximum actions that are read to find who did what. */
const TRACED_MAX = 1000;

/**
 * The newest actions of this name on these targets, at most 1,000. Uses admin_actions_target_action, and
 * reads one target from its newest action on; several are read whole, then sorted.
 */
export async function findActionsOn(
  read: Read,
  targetIds: readonly string[],
  name: AdminActionName,
): Promise<RecordedAction[]> {
  if (targetIds.length === 0) return [];
  const rows = await read<ActionRow>(
    `SELECT ${COLUMNS} FROM admin_actions FORCE INDEX (admin_actions_target_action)
     WHERE target_id IN (?) AND action = ? ORDER BY seq DESC LIMIT ?`,
    [targetIds.map(uuidBytes), name, TRACED_MAX],
  );
  return rows.map(actionOf);
}

/** The index is named after its columns. */
function indexFor({ adminId, action, targetId }: ActionFilters): string {
  const columns = [
    ...(targetId === undefined ? [] : ['target']),
    ...(adminId === undefined ? [] : ['admin']),
    ...(action === undefined ? [] : ['action']),
  ];
  return columns.length === 0 ? 'PRIMARY' : `admin_actions_${columns.join('_')}`;
}

function actionOf(row: ActionRow): RecordedAction {
  return {
    seq: row.seq,
    actor: { adminId: idOrUndefined(row.admin_id), requestId: row.request_id },
    action: row.action,
    target: { kind: row.target_kind, id: idOrUndefined(row.target_id) },
    before: parsed(row.before_json),
    after: parsed(row.after_json),
    reason: row.reason ?? undefined,
    at: row.at,
  };
}

const idOrNull = (id: string | undefined) => (id === undefined ? null : uuidBytes(id));
const idOrUndefined = (id: Buffer | null) => (id === null ? undefined : uuidText(id));
const parsed = (json: string | null) => (json === null ? undefined : (JSON.parse(json) as object));
