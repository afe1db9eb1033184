import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { day, krw } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import { ListView } from '../parts/list-view.tsx';
import { Page } from '../parts/page.tsx';
import { paths } from '../paths.ts';
import { orderWords } from '../orders/words.ts';
import { customerWords } from './words.ts';

const LIMIT = 25;

export function CustomersPage() {
  const words = customerWords.value;
  const { query, route } = useLocation();
  const prefix = query['email'] ?? '';
  const [text, setText] = useState(prefix);
  const loaded = usePages(`customers ${prefix}`, (cursor, signal) =>
    api.call('listCustomers', {
      query: {
        limit: LIMIT,
        ...(prefix !== '' && { email: prefix }),
        ...(cursor !== undefined && { cursor }),
      },
      ...(signal && { signal }),
    }),
  );
  return (
    <Page title={words.title} at={loaded.at}>
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = text.trim();
          route(wanted === '' ? paths.customers : `${paths.customers}?email=${encodeURIComponent(wanted)}`);
        }}
      >
        <label class="field grow">
          {words.find}
          <input
            type="search"
            name="email"
            autocomplete="off"
            maxLength={254}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit">{orderWords.value.find}</button>
      </form>
      <ListView
        caption={words.title}
        loaded={loaded}
        keyOf={({ id }) => id}
        empty={prefix === '' ? words.empty : words.foundNone(prefix)}
        columns={[
          { head: words.email, cell: ({ id, email }) => <a href={paths.customer(id)}>{email}</a> },
          { head: words.role, cell: ({ role }) => <span class="pill">{words.roles[role]}</span> },
          { head: words.balance, isNumber: true, cell: ({ balance }) => krw(balance) },
          {
            head: words.since,
            isNumber: true,
            cell: ({ createdAt }) => <span class="quiet">{day(createdAt)}</span>,
          },
        ]}
      />
    </Page>
  );
}
