import { useRef, useState } from 'preact/hooks';
import { type Loaded, useLoad } from './use-load.ts';

export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export interface LoadedPages<Item> extends Loaded<Page<Item>> {
  /** All items so far; undefined until the first page is there. */
  readonly items: readonly Item[] | undefined;
  readonly hasMore: boolean;
  /** Loads the next page. */
  more(): Promise<void>;
}

/** A list that loads page by page, newest first. Loading it again begins with the first page. */
export function usePages<Item>(
  key: string | undefined,
  load: (cursor: string | undefined, signal?: AbortSignal) => Promise<Page<Item>>,
): LoadedPages<Item> {
  const [further, setFurther] = useState<readonly Page<Item>[]>([]);
  const [moreError, setMoreError] = useState<unknown>(undefined);
  const first = useLoad(key, async (signal) => {
    const page = await load(undefined, signal);
    setFurther([]);
    return page;
  });
  const cursor = (further.at(-1) ?? first.data)?.nextCursor ?? null;
  const end = useRef(cursor);
  end.current = cursor;
  return {
    ...first,
    error: first.error ?? moreError,
    items: first.data === undefined ? undefined : [first.data, ...further].flatMap(({ data }) => data),
    hasMore: cursor !== null,
    async more() {
      if (cursor === null) return;
      try {
        const page = await load(cursor);
        // Unless a second click has added it, or the list was loaded again.
        if (end.current !== cursor) return;
        end.current = page.nextCursor;
        setFurther((before) => [...before, page]);
        setMoreError(undefined);
      } catch (error) {
        setMoreError(error);
      }
    },
  };
}
