import { useState } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { usePages } from '../../shared/use-pages.ts';
import { frameWords } from '../frame/words.ts';
import { Skeleton, View } from '../parts/view.tsx';
import type { ActionName } from './action.ts';
import { ActionEntry } from './action-entry.tsx';
import { operatorPageWords } from './operator-pages-words.ts';
import { operatorWords } from './words.ts';

const LIMIT = 20;

/** The whole trail: who, what, before, after, why, by which request. */
export function TrailCard() {
  const words = operatorPageWords.value;
  const { actions } = operatorWords.value;
  const [action, setAction] = useState<ActionName | ''>('');
  const loaded = usePages(`trail ${action}`, (cursor, signal) =>
    api.call('listAdminActions', {
      query: {
        limit: LIMIT,
        ...(action !== '' && { action }),
        ...(cursor !== undefined && { cursor }),
      },
      ...(signal && { signal }),
    }),
  );
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.trail}</h2>
        <label class="row small">
          {words.action}
          <select
            value={action}
            onChange={(event) => setAction(event.currentTarget.value as ActionName | '')}
          >
            <option value="">{words.any}</option>
            {(Object.keys(actions) as ActionName[]).map((name) => (
              <option key={name} value={name}>
                {actions[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <View loaded={loaded} skeleton={<Skeleton shape="block" />}>
        {() => (
          <>
            {loaded.items?.length === 0 && <p class="quiet small">{words.noTrail}</p>}
            <ol class="trail wide">
              {loaded.items?.map((shown) => (
                <ActionEntry key={shown.seq} action={shown} isWhole />
              ))}
            </ol>
            {loaded.hasMore && (
              <button type="button" class="plain" onClick={() => void loaded.more()}>
                {frameWords.value.more}
              </button>
            )}
          </>
        )}
      </View>
    </section>
  );
}
