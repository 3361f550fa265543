/** Three pictures on a table. */
export function Logo() {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="logo-ground" />
      <rect x="7" y="7" width="10" height="18" rx="3" class="logo-shape" />
      <rect x="19" y="7" width="6" height="8" rx="3" class="logo-shape" opacity=".75" />
      <rect x="19" y="17" width="6" height="8" rx="3" class="logo-shape" opacity=".5" />
    </svg>
  );
}
