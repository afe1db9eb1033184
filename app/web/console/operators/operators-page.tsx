import { Page } from '../parts/page.tsx';
import { may } from '../session/session-state.ts';
import { PeopleCard } from './people-card.tsx';
import { operatorPageWords } from './operator-pages-words.ts';
import { TrailCard } from './trail-card.tsx';

/** Who may use the console, and what they have done with it. */
export function OperatorsPage() {
  const words = operatorPageWords.value;
  return (
    <Page title={words.title}>
      {may('owner') ? <PeopleCard /> : <p class="quiet">{words.onlyOwner}</p>}
      <TrailCard />
    </Page>
  );
}
