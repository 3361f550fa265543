import { fileURLToPath } from "node:url";

import type { SecurityHeadersOptions } from "@infra/middleware/security-headers";
import type { ServerManager } from "@infra/server";

/** What the page's build has made; beside this file, or beside the sources. */
const folder = fileURLToPath(new URL("../dist/web", import.meta.url));

/** What the page may load: from here, and pictures that it has made itself. */
export const pageHeaders: SecurityHeadersOptions = {
  contentSecurityPolicy: [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join("; "),
};

/** Serves the page. Its addresses are its own business: what is no file and not below /api is the page. */
export function addPage(server: ServerManager): void {
  // their names say what is in them
  server.static("/assets/", `${folder}/assets`, { maxAge: "365d", immutable: true });
  server.static("/", folder, {
    fallback: { file: "index.html", except: ["/api/", "/assets/", "/media/"] },
  });
}
