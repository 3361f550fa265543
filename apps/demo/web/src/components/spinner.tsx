import "./spinner.css";

/** Something is under way; it shows after a moment only, so that what is quick does not flicker. */
export function Spinner({ label = "Loading" }: { readonly label?: string }) {
  return (
    <div class="spinner" role="status">
      <span class="visually-hidden">{label}</span>
    </div>
  );
}
