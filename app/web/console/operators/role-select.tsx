import type { AdminRole } from '../session/session-state.ts';
import { sessionWords } from '../session/words.ts';

const roles: readonly AdminRole[] = ['viewer', 'operator', 'owner'];

export interface RoleSelectProps {
  readonly label: string;
  readonly value: AdminRole;
  readonly onChoose: (role: AdminRole) => void;
}

export function RoleSelect({ label, value, onChoose }: RoleSelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value as AdminRole)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {sessionWords.value.roles[role]}
        </option>
      ))}
    </select>
  );
}
