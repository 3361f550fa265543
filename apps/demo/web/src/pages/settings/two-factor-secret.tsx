import { encode } from "uqr";

import type { TwoFactorSetup } from "../../../../src/contract.js";

import "./two-factor.css";

/** The secret for the app, to scan or to type. */
export function TwoFactorSecret({ setup }: { readonly setup: TwoFactorSetup }) {
  const { data, size } = encode(setup.uri, { border: 2 });
  const modules = data.flatMap((line, y) =>
    line.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])),
  );
  return (
    <div class="two-factor-secret">
      <svg
        class="qr-code"
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label="QR code for the authenticator app"
        shape-rendering="crispEdges"
      >
        <path d={modules.join("")} />
      </svg>
      <div class="stack">
        <p>Scan this with your authenticator app, or type the key into it.</p>
        <code class="two-factor-key">{setup.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
      </div>
    </div>
  );
}
