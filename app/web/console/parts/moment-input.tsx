export interface MomentInputProps {
  readonly label: string;
  readonly name: string;
  /** UTC, RFC 3339; null for none. */
  readonly value: string | null;
  readonly isRequired?: boolean;
  readonly isReadOnly?: boolean;
  readonly set: (value: string | null) => void;
}

/** A moment, typed in the browser's time zone and kept in UTC. */
export function MomentInput({
  label,
  name,
  value,
  isRequired = false,
  isReadOnly = false,
  set,
}: MomentInputProps) {
  return (
    <label class="field">
      {label}
      <input
        class="num"
        type="datetime-local"
        required={isRequired}
        name={name}
        readOnly={isReadOnly}
        value={value === null ? '' : localText(value)}
        onChange={({ currentTarget }) => {
          if (currentTarget.value === '') return set(null);
          const at = new Date(currentTarget.value);
          if (!Number.isNaN(at.getTime())) set(at.toISOString());
        }}
      />
    </label>
  );
}

/** `2026-11-30T12:04`, as the input wants it. */
function localText(moment: string): string {
  const at = new Date(moment);
  if (Number.isNaN(at.getTime())) return '';
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
