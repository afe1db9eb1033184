import { Page } from '../parts/page.tsx';
import { frameWords } from './words.ts';

export function MissingPage() {
  const { missingTitle, missing } = frameWords.value;
  return (
    <Page title={missingTitle}>
      <p class="quiet">{missing}</p>
    </Page>
  );
}
