import { signal } from "@preact/signals";

/** A short message that goes away by itself. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: "info" | "error";
  readonly action: { readonly label: string; readonly run: () => void | Promise<void> } | undefined;
}

export const toasts = signal<readonly Toast[]>([]);

let last = 0;

/** Shows a message; with an action it stays longer. */
export function showToast(
  text: string,
  options: Partial<Pick<Toast, "action" | "tone">> = {},
): void {
  last += 1;
  const toast: Toast = { id: last, text, tone: options.tone ?? "info", action: options.action };
  // what is older than the last three has been read
  toasts.value = [...toasts.value.slice(-2), toast];
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
