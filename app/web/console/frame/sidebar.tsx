import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { count } from '../../shared/format.ts';
import { Preferences } from '../../shared/preferences.tsx';
import { useLoad } from '../../shared/use-load.ts';
import { paths } from '../paths.ts';
import type { Account, AdminRole } from '../session/session-state.ts';
import { useLogOut } from '../session/use-log-out.ts';
import { sessionWords } from '../session/words.ts';
import { frameWords } from './words.ts';

/** Where one can go, and who one is. On a phone it is a bar with a menu. */
export function Sidebar({ account, role }: { account: Account; role: AdminRole }) {
  const { nav } = frameWords.value;
  const words = sessionWords.value;
  const { path } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const logOut = useLogOut();
  const { data } = useLoad('badges', (signal) => api.call('readOverview', { signal }), {
    everyMs: BADGES_EVERY_MS,
  });
  useEffect(() => setOpen(false), [path]);
  return (
    <aside class="side">
      <div class="side-top">
        <a class="brand" href={paths.overview}>
          Rowlock
        </a>
        <button
          type="button"
          class="plain menu-button"
          aria-expanded={isOpen}
          aria-controls="side-content"
          onClick={() => setOpen(!isOpen)}
        >
          {nav.menu}
        </button>
      </div>
      <div id="side-content" class={isOpen ? 'side-content open' : 'side-content'}>
        <nav aria-label={nav.label}>
          {entries.map(([href, name]) => (
            <a key={href} href={href} aria-current={isAt(path, href) ? 'page' : undefined}>
              {nav[name]}
              {name === 'events' && <DeadLettersBadge deadLetters={data?.queue.value?.deadLetters} />}
              {name === 'saleRoom' && <LiveBadge perS={data?.traffic.value?.lastMinute.ordersPerS} />}
            </a>
          ))}
        </nav>
        <div class="who">
          <Preferences />
          <b>{account.email}</b>
          <span class="quiet">{words.roles[role]}</span>
          <button type="button" class="text" onClick={() => void logOut()}>
            {words.logOut}
          </button>
        </div>
      </div>
    </aside>
  );
}

/** Dead letters wait for a person, whatever view is open. */
function DeadLettersBadge({ deadLetters = 0 }: { deadLetters: number | undefined }) {
  if (deadLetters === 0) return null;
  return (
    <span class="pill warn num">
      {count(deadLetters)}
      <span class="visually-hidden"> {frameWords.value.nav.deadLetters}</span>
    </span>
  );
}

/** Orders arrive as fast as in a sale: there is something to watch. */
function LiveBadge({ perS }: { perS: number | null | undefined }) {
  if ((perS ?? 0) < LIVE_PER_S) return null;
  return <span class="pill bad">{frameWords.value.nav.live}</span>;
}

/** Orders per second, over the last minute. */
const LIVE_PER_S = 1;
/** As often as the API asks the queue. */
const BADGES_EVERY_MS = 10_000;

const entries = [
  [paths.overview, 'overview'],
  [paths.orders, 'orders'],
  [paths.customers, 'customers'],
  [paths.products, 'products'],
  [paths.coupons, 'coupons'],
  [paths.saleRoom, 'saleRoom'],
  [paths.events, 'events'],
  [paths.audit, 'audit'],
  [paths.operators, 'operators'],
] as const;

function isAt(path: string, href: string): boolean {
  return href === paths.overview
    ? path.replace(/\/$/, '') === paths.base
    : path === href || path.startsWith(`${href}/`);
}
