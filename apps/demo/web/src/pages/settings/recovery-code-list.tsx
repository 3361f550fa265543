import { Notice } from "../../components/notice.js";

import "./two-factor.css";

/** Shown once, right after the second factor was turned on. */
export function RecoveryCodeList({ codes }: { readonly codes: readonly string[] }) {
  return (
    <>
      <Notice tone="warning">
        Keep these recovery codes where you find them without your phone. Each works once, and they
        are shown only now.
      </Notice>
      <ul class="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </>
  );
}
