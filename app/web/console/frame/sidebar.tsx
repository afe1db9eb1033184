import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Preferences } from '../../shared/preferences.tsx';
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

const entries = [
  [paths.overview, 'overview'],
  [paths.products, 'products'],
  [paths.coupons, 'coupons'],
] as const;

function isAt(path: string, href: string): boolean {
  return href === paths.overview ? path === href : path === href || path.startsWith(`${href}/`);
}
