import { RowlockProblem, troubleOf } from '../../shared/api.ts';
import { sharedWords } from '../../shared/words.ts';
import { frameWords } from '../frame/words.ts';

export type ProblemText = (problem: RowlockProblem) => string | undefined;

/**
 * Says why a deed failed: in the words of its view where it knows the code, else as every failed load. What
 * was typed stays, so the same button is the way to try again.
 */
export function DeedError({ error, text }: { error: unknown; text?: ProblemText }) {
  return <div role="alert">{error !== undefined && <Reason error={error} text={text} />}</div>;
}

function Reason({ error, text }: { error: unknown; text: ProblemText | undefined }) {
  const known = error instanceof RowlockProblem ? text?.(error) : undefined;
  if (known !== undefined) return <p class="told bad">{known}</p>;
  const invalid = invalidFields(error);
  if (invalid.length > 0)
    return (
      <div class="told bad">
        <b>{frameWords.value.invalid}</b>
        {invalid.map(({ pointer, detail }) => (
          <span key={pointer}>
            <code>{pointer}</code> {detail}
          </span>
        ))}
      </div>
    );
  const [title, next] = sharedWords.value.troubles[troubleOf(error)];
  return (
    <div class="told bad">
      <b>{title}</b>
      <span>{error instanceof RowlockProblem ? error.message : next}</span>
    </div>
  );
}

interface InvalidField {
  readonly pointer: string;
  readonly detail: string;
}

function invalidFields(error: unknown): readonly InvalidField[] {
  if (!(error instanceof RowlockProblem) || error.code !== 'validation_failed') return [];
  const errors = error.problem['errors'];
  return Array.isArray(errors) ? (errors as readonly InvalidField[]) : [];
}
