import { useRef, useState } from 'preact/hooks';
import { pictureTypes } from './upload-picture.ts';
import { pictureWords } from './words.ts';

/** Takes files by drag and drop, and by a button for everyone who does not drag. */
export function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const words = pictureWords.value;
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <b>{isOver ? words.dropNow : words.drop}</b>
      <button type="button" class="plain" onClick={() => input.current?.click()}>
        {words.choose}
      </button>
      <span class="tiny quiet">{words.hint}</span>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={words.choose}
        accept={pictureTypes.join()}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </div>
  );
}
