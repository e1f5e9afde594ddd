// The load line: a ring and a bar, as on a ship's hull.
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="10" fill="none" stroke="var(--accent)" strokeWidth="4" />
      <path d="M1 16h30" stroke="var(--accent)" strokeWidth="4" />
    </svg>
  );
}
