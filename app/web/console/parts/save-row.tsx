import { frameWords } from '../frame/words.ts';
import type { Fields } from './merge-edits.ts';
import type { Editing } from './use-editing.ts';

/** The buttons of an edit, and whether it is saved. */
export function SaveRow<F extends Fields>({ editing }: { editing: Editing<F> }) {
  const words = frameWords.value;
  const { isBusy, isChanged, conflict, discard } = editing;
  return (
    <div class="row">
      <button type="submit" disabled={!isChanged || conflict !== undefined}>
        {isBusy ? words.saving : words.save}
      </button>
      {isChanged && conflict === undefined && (
        <>
          <button type="button" class="plain" onClick={discard}>
            {words.discard}
          </button>
          <span class="pill warn">{words.changed}</span>
        </>
      )}
    </div>
  );
}
