import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { dictionaryOf } from '../../shared/language.ts';
import { DataTable } from './data-table.tsx';
import { differencesOf, type FieldDifference, type Fields, mergeEdits } from './merge-edits.ts';
import type { Editing } from './use-editing.ts';

const en = {
  title: 'Somebody saved this while you were editing',
  text: 'Nothing of theirs is overwritten unseen. Decide where both of you changed the same.',
  commandLine: 'the command line',
  by: (who: string, at: string) => `Saved by ${who} at ${at}.`,
  field: 'Field',
  base: 'When you began',
  theirs: 'Saved meanwhile',
  mine: 'Yours',
  keep: 'Kept',
  theirsKept: 'theirs, you left it',
  mineKept: 'yours, they left it',
  chooseFor: (field: string) => `Keep for ${field}`,
  save: 'Save what is kept',
  discard: 'Drop mine, go on with theirs',
};
type ConflictWords = typeof en;
const ko: ConflictWords = {
  title: '수정하는 동안 다른 사람이 저장했습니다',
  text: '상대의 변경을 모르고 덮어쓰지 않습니다. 둘 다 바꾼 항목을 정해 주세요.',
  commandLine: '명령줄',
  by: (who: string, at: string) => `${who} 님이 ${at}에 저장했습니다.`,
  field: '항목',
  base: '수정을 시작할 때',
  theirs: '그사이 저장된 값',
  mine: '내 값',
  keep: '남길 값',
  theirsKept: '상대 값 (나는 바꾸지 않음)',
  mineKept: '내 값 (상대는 바꾸지 않음)',
  chooseFor: (field: string) => `${field}에 남길 값`,
  save: '고른 값으로 저장',
  discard: '내 변경을 버리고 이어서 보기',
};
export const conflictWords = dictionaryOf<ConflictWords>({ en, ko });

export interface ConflictNoticeProps<F extends Fields> {
  readonly editing: Editing<F>;
  readonly labels: Readonly<Record<string, string>>;
  readonly show: (name: string, value: unknown) => ComponentChildren;
  /** Who saved meanwhile, where that is known. */
  readonly by?: ComponentChildren;
}

/** Shows a conflict of If-Match as a difference, field by field, and lets the admin decide. */
export function ConflictNotice<F extends Fields>({ editing, labels, show, by }: ConflictNoticeProps<F>) {
  const words = conflictWords.value;
  const [chosen, setChosen] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({});
  const { conflict, draft } = editing;
  if (conflict === undefined) return null;
  const differences = differencesOf(conflict.base, conflict.theirs, draft);
  const keep = ({ name, changedBy }: FieldDifference) => {
    if (changedBy !== 'both') return changedBy === 'mine' ? words.mineKept : words.theirsKept;
    return (
      <select
        aria-label={words.chooseFor(labels[name] ?? name)}
        value={chosen[name] ?? 'theirs'}
        onChange={(event) => setChosen({ ...chosen, [name]: event.currentTarget.value as 'mine' | 'theirs' })}
      >
        <option value="theirs">{words.theirs}</option>
        <option value="mine">{words.mine}</option>
      </select>
    );
  };
  return (
    <section class="told warn conflict" role="alert">
      <b>{words.title}</b>
      <span>
        {by} {words.text}
      </span>
      <DataTable
        caption={words.title}
        items={differences}
        keyOf={({ name }) => name}
        columns={[
          { head: words.field, cell: ({ name }) => <b>{labels[name]}</b> },
          { head: words.base, cell: ({ name, base }) => show(name, base) },
          { head: words.theirs, cell: ({ name, theirs }) => show(name, theirs) },
          { head: words.mine, cell: ({ name, mine }) => show(name, mine) },
          { head: words.keep, cell: keep },
        ]}
      />
      <div class="row">
        <button
          type="button"
          aria-disabled={editing.isBusy}
          onClick={() => void editing.resolve(mergeEdits(conflict.theirs, differences, chosen))}
        >
          {words.save}
        </button>
        <button type="button" class="plain" onClick={editing.discard}>
          {words.discard}
        </button>
      </div>
    </section>
  );
}
