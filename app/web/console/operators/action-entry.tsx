import { dateTime } from '../../shared/format.ts';
import { paths } from '../paths.ts';
import type { AdminAction } from './action.ts';
import { ChangedValues } from './changed-values.tsx';
import { operatorPageWords } from './operator-pages-words.ts';
import { operatorWords } from './words.ts';

/** One entry of the trail; `isWhole` adds the way to its target, and the request. */
export function ActionEntry({ action, isWhole = false }: { action: AdminAction; isWhole?: boolean }) {
  const words = operatorWords.value;
  const href = targetHref(action.target);
  return (
    <li>
      <time class="tiny quiet num" dateTime={action.at}>
        {dateTime(action.at)}
      </time>
      <span>
        <b>{action.admin?.email ?? words.commandLine}</b> {words.actions[action.action]}
        {action.reason !== null && <span class="quiet"> ({action.reason})</span>}
        {isWhole && href !== undefined && (
          <>
            {' '}
            <a href={href}>{operatorPageWords.value.toTarget}</a>
          </>
        )}
      </span>
      <ChangedValues action={action} />
      {isWhole && (
        <span class="tiny quiet">
          {operatorPageWords.value.request} <code>{action.requestId}</code>
        </span>
      )}
    </li>
  );
}

function targetHref({ kind, id }: AdminAction['target']): string | undefined {
  if (kind === 'events') return paths.events;
  if (kind === 'demo_sale') return paths.demoSale;
  if (id === null) return undefined;
  switch (kind) {
    case 'product':
      return paths.product(id);
    case 'coupon':
      return paths.coupon(id);
    case 'order':
      return paths.order(id);
    case 'customer':
      return paths.customer(id);
    default:
      return undefined;
  }
}
