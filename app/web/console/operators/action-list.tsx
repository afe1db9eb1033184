import { api } from '../../shared/api.ts';
import { dateTime } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import { Skeleton, View } from '../parts/view.tsx';
import type { AdminAction } from './action.ts';
import { ChangedValues } from './changed-values.tsx';
import { operatorWords } from './words.ts';

const SHOWN = 10;

/** The newest entries of the trail about one target. `turn` changes when there may be a new one. */
export function ActionList({ targetId, turn }: { targetId: string; turn: unknown }) {
  const words = operatorWords.value;
  const loaded = useLoad(`${targetId} ${String(turn)}`, (signal) =>
    api.call('listAdminActions', { query: { targetId, limit: SHOWN }, signal }),
  );
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.recent}</h2>
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

function ActionEntry({ action }: { action: AdminAction }) {
  const words = operatorWords.value;
  return (
    <li>
      <time class="tiny quiet num" dateTime={action.at}>
        {dateTime(action.at)}
      </time>
      <span>
        <b>{action.admin?.email ?? words.commandLine}</b> {words.actions[action.action]}
        {action.reason !== null && <span class="quiet"> ({action.reason})</span>}
      </span>
      <ChangedValues action={action} />
    </li>
  );
}
