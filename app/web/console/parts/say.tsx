import { signal } from '@preact/signals';
import { sharedWords } from '../../shared/words.ts';

interface Said {
  readonly tone: 'ok' | 'bad';
  readonly text: string;
  /** Rises, so that the same sentence said twice is announced twice. */
  readonly turn: number;
}

const said = signal<Said | undefined>(undefined);

/** Tells the outcome of a deed in a sentence at the edge of the page, until the next one or until closed. */
export function say(tone: Said['tone'], text: string): void {
  said.value = { tone, text, turn: (said.peek()?.turn ?? 0) + 1 };
}

/** Forgets the last sentence; a new view begins without it. */
export function unsay(): void {
  said.value = undefined;
}

export function SaidNotice() {
  const { value } = said;
  return (
    <div class="said" role="status">
      {value !== undefined && (
        <div key={value.turn} class={`told ${value.tone}`}>
          <span>{value.text}</span>
          <button type="button" class="text" onClick={unsay}>
            {sharedWords.value.close}
          </button>
        </div>
      )}
    </div>
  );
}
