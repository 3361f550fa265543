/** Outlines on a grid of 24. */
const paths = {
  alert: "M12 9v4.5M12 17h.01M12 3.5 2.5 20h19z",
  check: "m5 12.5 4.5 4.5L19 7",
  close: "m6 6 12 12M18 6 6 18",
  comment: "M4 5h16v11.5H9.5L5 20.5v-4H4z",
  copy: "M9 9h11v11H9zM15 5.5V4H4v11h1.5",
  dashboard: "M4 4h7v9H4zM14 4h6v5h-6zM14 12h6v8h-6zM4 16h7v4H4z",
  down: "m5 9 7 7 7-7",
  download: "M12 4v11.5m-5-5 5 5 5-5M4.5 20h15",
  image: "M4 5h16v14H4zM4 16l5-5 4.5 4.5 2.5-2.5 4 4M15 9h.01",
  left: "m15 5-7 7 7 7",
  link: "M10 13.5a4 4 0 0 0 6 .4l2.5-2.5a4 4 0 0 0-5.7-5.7l-1 1M14 10.5a4 4 0 0 0-6-.4L5.5 12.6a4 4 0 0 0 5.7 5.7l1-1",
  lock: "M5.5 11h13v9h-13zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  logOut: "M10 4H5v16h5M15.5 8l4 4-4 4M19 12H10",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  pencil: "m4 20 1-5L15.5 4.5l4 4L9 19z",
  play: "M8 5.5v13l11-6.5z",
  plus: "M12 5v14M5 12h14",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3M19.5 3.5v4h-4",
  right: "m9 5 7 7-7 7",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M20 20l-4.7-4.7",
  settings: "M4 8h8M18 8h2M4 16h2M12 16h8M15 5.5v5M9 13.5v5",
  share: "M12 15V4M8 7.5 12 3.5l4 4M6 11H5v9.5h14V11h-1",
  trash: "M4 7h16M9.5 7V4h5v3M6 7l1 13.5h10L18 7M10 11v5.5M14 11v5.5",
  up: "m5 15 7-7 7 7",
  upload: "M12 15.5V4M7 9l5-5 5 5M4.5 20h15",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20.5c.7-3.5 3.7-5.5 7.5-5.5s6.8 2 7.5 5.5",
} as const;

export type IconName = keyof typeof paths;

/** A decoration: what it stands for is said in words beside it, or by the button's label. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={name === "play" ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width={name === "more" ? 3 : 1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
