interface AvatarProps {
  readonly name: string;
  readonly size: 'small' | 'normal';
  readonly app?: boolean;
}

const HUES = 8;

export function Avatar({ name, size, app = false }: AvatarProps) {
  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('');
  return (
    <span className={`avatar avatar-${size} ${app ? 'avatar-app' : `avatar-hue-${hue(name)}`}`} aria-hidden="true">
      {app ? <Relay /> : initials.toUpperCase()}
    </span>
  );
}

/** The relay's mark: one line in, two lines out. */
function Relay() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
      <path d="M3 12h6M14 10.5 20 6M14 13.5 20 18" />
      <circle cx="11.5" cy="12" r="2.5" fill="currentColor" stroke="none" />
    </svg>
  );
}

function hue(name: string): number {
  let sum = 0;
  for (const character of name) sum += character.codePointAt(0) ?? 0;
  return sum % HUES;
}
