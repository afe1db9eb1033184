import { api } from '../../shared/api.ts';
import { useTurns } from '../parts/use-turns.ts';
import { paths } from '../paths.ts';
import { Skeleton, View } from '../parts/view.tsx';
import { ActionEntry } from './action-entry.tsx';
import { operatorWords } from './words.ts';

const SHOWN = 10;

/** The newest entries of the trail, of one target or of all. `turn` changes when there may be a new one. */
export function ActionList({ targetId, turn }: { targetId?: string; turn: unknown }) {
  const words = operatorWords.value;
  const loaded = useTurns(targetId ?? 'all', turn, (signal) =>
    api.call('listAdminActions', {
      query: { limit: SHOWN, ...(targetId !== undefined && { targetId }) },
      signal,
    }),
  );
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.recent}</h2>
        {targetId === undefined && (
          <a class="tiny" href={paths.operators}>
            {words.all}
          </a>
        )}
      </div>
      <View loaded={loaded} skeleton={<Skeleton shape="block" />}>
        {({ data }) =>
          data.length === 0 ? (
            <p class="quiet small">{words.none}</p>
          ) : (
            <ol class="trail">
              {data.map((action) => (
                <ActionEntry key={action.seq} action={action} />
              ))}
            </ol>
          )
        }
      </View>
    </section>
  );
}
