import { api } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import type { Column } from '../parts/data-table.tsx';
import { LedgerCard } from '../parts/ledger-card.tsx';
import { paths } from '../paths.ts';
import type { CustomerFile, LedgerEntry } from './customer.ts';
import { customerWords } from './words.ts';

/** Every movement of a balance. `turn` changes when there may be a new one. */
export function BalanceLedgerCard({ file, turn }: { file: CustomerFile; turn: unknown }) {
  const words = customerWords.value;
  return (
    <LedgerCard
      title={words.ledger}
      empty={words.noLedger}
      name={`ledger ${file.id}`}
      turn={turn}
      columns={columns()}
      load={(query, signal) =>
        api.call('listCustomerEntries', { path: { customerId: file.id }, query, ...(signal && { signal }) })
      }
    />
  );
}

function columns(): Column<LedgerEntry>[] {
  const words = customerWords.value;
  return [
    {
      head: words.entry,
      cell: ({ seq, kind, orderId }) => (
        <span>
          <b>{words.kinds[kind]}</b> <span class="tiny quiet">{words.seq(count(seq))}</span>{' '}
          {orderId !== null && <a href={paths.order(orderId)}>{words.order}</a>}
        </span>
      ),
    },
    { head: words.amount, isNumber: true, cell: ({ amount }) => krw(amount) },
    { head: words.after, isNumber: true, cell: ({ balanceAfter }) => krw(balanceAfter) },
    { head: words.at, isNumber: true, cell: ({ createdAt }) => dateTime(createdAt) },
  ];
}
