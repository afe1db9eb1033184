import { useEffect, useState } from 'preact/hooks';
import { RowlockProblem } from '../../shared/api.ts';
import type { Fields } from './merge-edits.ts';

/** A version of something editable. */
export interface Version<F extends Fields> {
  readonly fields: F;
  /** ETag that an edit of this version sends as If-Match. */
  readonly tag: string;
}

export interface Editing<F extends Fields> {
  readonly draft: F;
  readonly isChanged: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Set when someone else saved since this edit began: what it was then, and what it is now. */
  readonly conflict: { readonly base: F; readonly theirs: F } | undefined;
  set<Name extends keyof F>(name: Name, value: F[Name]): void;
  save(): Promise<void>;
  /** Continues from the version of the conflict with these values, and saves them. */
  resolve(fields: F): Promise<void>;
  /** Goes back to the newest known version. */
  discard(): void;
}

export interface EditingOptions<F extends Fields> {
  readonly current: Version<F>;
  readonly save: (fields: F, tag: string) => Promise<Version<F>>;
  readonly readAgain: () => Promise<Version<F>>;
  readonly onSaved: () => void;
}

/** An edit that never overwrites another one unseen: a refused If-Match becomes a conflict to resolve. */
export function useEditing<F extends Fields>(options: EditingOptions<F>): Editing<F> {
  const [base, setBase] = useState(options.current);
  const [draft, setDraft] = useState(options.current.fields);
  const [theirs, setTheirs] = useState<Version<F> | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(base.fields);

  const adopt = (version: Version<F>): void => {
    setBase(version);
    setDraft(version.fields);
    setTheirs(undefined);
    setError(undefined);
  };
  // A newer version is shown at once, unless it would overwrite an edit in progress.
  useEffect(() => {
    if (!isChanged && options.current.tag !== base.tag) adopt(options.current);
  }, [options.current.tag]);

  const attempt = async (fields: F, tag: string): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      adopt(await options.save(fields, tag));
      options.onSaved();
    } catch (failure) {
      const isStale = failure instanceof RowlockProblem && failure.code === 'precondition_failed';
      await (isStale ? options.readAgain().then(setTheirs, setError) : setError(failure));
    } finally {
      setBusy(false);
    }
  };

  return {
    draft,
    isChanged,
    isBusy,
    error,
    conflict: theirs && { base: base.fields, theirs: theirs.fields },
    set: (name, value) => setDraft((before) => ({ ...before, [name]: value })),
    save: () => attempt(draft, base.tag),
    resolve: (fields) => {
      setDraft(fields);
      return attempt(fields, (theirs ?? base).tag);
    },
    discard: () => adopt(theirs ?? base),
  };
}
