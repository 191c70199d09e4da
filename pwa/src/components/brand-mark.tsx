/** The mark: a roof over a lamp. */
export function BrandMark() {
  return (
    <svg aria-hidden="true" width="1.875rem" height="1.875rem" viewBox="0 0 32 32" fill="none">
      <circle cx="16" cy="20" r="9" fill="var(--glow)" opacity="0.28" />
      <circle cx="16" cy="20" r="4.6" fill="var(--lamp)" />
      <path
        d="M4.5 26.5V17.2c0-1.6.8-3.2 2.1-4.2l7.4-5.7a3.3 3.3 0 0 1 4 0l7.4 5.7c1.3 1 2.1 2.6 2.1 4.2v9.3"
        stroke="currentColor"
        stroke-width="2.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
