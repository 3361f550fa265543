import { computed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

import { Button, IconButton } from "../components/button.js";
import { UploadRow } from "./upload-row.js";

import "./upload-tray.css";
import { clearFinished, tasks } from "./uploads.js";

const total = computed(() => {
  const all = tasks.value;
  const count = (state: string): number => all.filter((task) => task.state.value === state).length;
  const bytes = all.reduce((sum, { size }) => sum + size, 0);
  const sent = all.reduce(
    (sum, task) => sum + (task.state.value === "done" ? task.size : task.sent.value),
    0,
  );
  const done = count("done");
  const failed = count("failed") + count("parted");
  return { done, failed, left: all.length - done - failed, share: bytes === 0 ? 1 : sent / bytes };
});

const doneMs = 4_000;

/** What is being uploaded, at the corner of every page; it goes away when everything has arrived. */
export function UploadTray() {
  const [open, setOpen] = useState(true);
  const { done, failed, left, share } = total.value;
  const over = left === 0 && failed === 0 && done > 0;
  useEffect(() => {
    if (!over) return undefined;
    const timer = setTimeout(clearFinished, doneMs);
    return () => clearTimeout(timer);
  }, [over]);
  if (tasks.value.length === 0) return null;
  return (
    <section class="upload-tray" aria-label="Uploads">
      <header>
        <h2>
          <span role="status">{headline(left, done, failed)}</span>
        </h2>
        {left === 0 && (
          <Button small variant="quiet" onClick={clearFinished}>
            Clear
          </Button>
        )}
        <IconButton
          icon={open ? "down" : "up"}
          label={open ? "Hide the list of uploads" : "Show the list of uploads"}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
      </header>
      <progress value={share} aria-label="All uploads" />
      {open && (
        <ul>
          {tasks.value.map((task) => (
            <UploadRow key={task.key} task={task} />
          ))}
        </ul>
      )}
    </section>
  );
}

function headline(left: number, done: number, failed: number): string {
  if (left > 0) return `Uploading ${left === 1 ? "1 file" : `${left} files`}`;
  if (failed > 0) return `${failed === 1 ? "1 upload" : `${failed} uploads`} failed`;
  return done === 1 ? "1 file uploaded" : `${done} files uploaded`;
}
