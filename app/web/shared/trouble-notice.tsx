import { useEffect } from 'preact/hooks';
import { RowlockProblem, troubleOf } from './api.ts';
import { timeOfDay } from './format.ts';
import type { Loaded } from './use-load.ts';
import { sharedWords } from './words.ts';

/** Pause before a failed load is repeated automatically. */
const RETRY_MS = 4000;

/** Says why data is missing, and repeats the request where waiting may help. */
export function TroubleNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const trouble = troubleOf(error);
  const words = sharedWords.value;
  const [title, next] = words.troubles[trouble];
  const waitingHelps = trouble === 'busy' || trouble === 'unavailable';
  useEffect(() => {
    if (!waitingHelps) return undefined;
    const timer = setTimeout(retry, RETRY_MS);
    return () => clearTimeout(timer);
  }, [error, waitingHelps]);
  const requestId = error instanceof RowlockProblem ? error.problem['traceId'] : undefined;
  return (
    <div class={`told ${waitingHelps || trouble === 'offline' ? 'warn' : 'bad'}`} role="alert">
      <b>{title}</b>
      <span>{next}</span>
      {trouble === 'broken' && typeof requestId === 'string' && (
        <code class="tiny">{words.number(requestId)}</code>
      )}
      {trouble !== 'missing' && trouble !== 'session' && (
        <button type="button" class="plain" onClick={retry}>
          {words.retry}
        </button>
      )}
    </div>
  );
}

/** A line that says of when shown data is, while newer data cannot be loaded. */
export function StaleNotice({ loaded }: { loaded: Loaded<unknown> }) {
  const { at, error } = loaded;
  if (error === undefined || at === undefined) return null;
  return (
    <p class="told warn" role="status">
      {sharedWords.value.stale(timeOfDay(at))}
    </p>
  );
}
